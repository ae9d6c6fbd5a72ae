"""Which of many variants of a fault `make test` plays, too."""

import pytest


def variants(every, *, short):
    """Mark those as slow that are not among the short ones."""
    return [one if one in short else pytest.param(one, marks=pytest.mark.slow) for one in every]
