"""What tests of suites share."""

import pytest

from argosy.testing.readings import reading


@pytest.fixture
def own_readings():
    """Leave no fleet behind that a faulty plugin may have changed."""
    yield
    reading.cache_clear()
