"""Periods have a length, and formats say a whole date, or they are refused."""

import pytest

from argosy.registry.times import format_fault, length

SOUND = [
    *("%d/%m/%Y", "%d/%m/%Y %H:%M", "%m/%d/%y %I:%M %p", "%Y%m%d", "%F %T", "%b %d %Y", "%Y%j"),
    *("%d.%m.%Y %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%z", "epoch:s", "epoch:ms", "epoch:us", "epoch:ns"),
]


@pytest.mark.parametrize("form", SOUND)
def test_a_format_that_says_a_date_is_sound(form):
    assert format_fault(form) is None


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("%d/%m", "does not say year, month and day"),
        ("%H:%M", "does not say year, month and day"),
        ("soon", "does not say year, month and day"),
        ("", "does not say year, month and day"),
        ("%d/%m/%Y %H", "cannot be read by"),  # an hour without its minutes
        ("%d/%m/%Y %I:%M", "cannot be read by"),  # of which half of the day?
        ("%Y-%m-%d %H:%M %Z", "with an offset as %z"),  # EST would be read as UTC
        ("%s", "or epoch:s, ms, us or ns"),
        ("%Q", "cannot be read by"),
        ("%", "cannot be read by"),
        ("epoch:m", "known: epoch:s, epoch:ms, epoch:us, epoch:ns"),
        ("epoch:", "known: epoch:s, epoch:ms, epoch:us, epoch:ns"),
    ],
)
def test_a_format_that_leaves_something_open_is_refused(form, fault):
    assert fault in format_fault(form)


@pytest.mark.parametrize(
    "period", ["1000001y", "99999999999999999999d", "1001y", "d", "1 d", "-1d", ""]
)
def test_a_period_that_no_calendar_holds_is_none(period):
    """Taken off from now, it would leave the years that are known."""
    assert length(period) is None
