"""The verb of a fleet and that of its accessor are the same: parameters, defaults, descriptions."""

import inspect
import re

from argosy import Fleet
from argosy_promote.promotions import Promotions

VERBS = (Fleet.promote, Promotions.promote)


def described(verb):
    """What the docstring says of each parameter, in its order."""
    section = inspect.getdoc(verb).partition("Args:\n")[2].partition("\n\n")[0]
    entries = re.split(r"\n(?=    \w)", section)
    return dict(" ".join(entry.split()).split(": ", 1) for entry in entries)


def test_both_have_the_same_parameters():
    """Names, order, kinds, defaults and types."""
    flat, accessor = ([*inspect.signature(verb).parameters.values()] for verb in VERBS)

    assert flat == accessor


def test_both_describe_every_parameter_in_the_same_words():
    flat, accessor = (described(verb) for verb in VERBS)

    assert list(inspect.signature(Fleet.promote).parameters)[1:] == list(flat)
    assert list(flat.items()) == list(accessor.items())
