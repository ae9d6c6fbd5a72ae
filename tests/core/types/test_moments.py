"""A point in time is one instant, however it is handed over, and what is none is refused."""

import math
from datetime import UTC, date, datetime, time, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import BadInput
from argosy.types.moments import LONGEST, moment, span

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


def spellings(instant, zone):
    """Return ways to hand one instant over."""
    here = instant.astimezone(zone)
    text = here.isoformat()
    plain = instant.replace(tzinfo=None)
    return [
        here,
        text,
        text.replace("T", " "),
        f"{text[:-6]} {text[-6:]}",  # a blank before the offset
        f"{text[:-6]}{text[-6:].replace(':', '')}",
        plain,
        plain.isoformat(),
        f"{plain.isoformat()}Z",
        np.datetime64(plain),
    ]


@given(INSTANTS, OFFSETS)
def test_one_instant_is_one_moment_however_it_is_written(instant, zone):
    """In UTC unless it says otherwise."""
    found = [moment(point) for point in spellings(instant, zone)]

    assert [instant] * len(found) == found
    assert {UTC} == {one.tzinfo for one in found}


@given(st.dates())
def test_a_bare_date_means_its_end(day):
    end = datetime.combine(day, time.max, UTC)
    assert [end] * 3 == [moment(day), moment(day.isoformat()), moment(np.datetime64(day, "D"))]


@pytest.mark.parametrize(
    "point",
    [
        *(None, True, 3, 3.5, math.nan, b"2026-11-01", [2026], time(12), timedelta(1), object),
        *("", "now", "01/09/2024", "2026-02-30", "2026-11-01T25:00", "12:00", "1704067200"),
        *(np.datetime64("NaT"), np.array([1, 2]), np.float64(1.0)),
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused_with_the_way_out(point):
    """A number could be seconds, or milliseconds: nobody guesses which."""
    with pytest.raises(BadInput, match="cannot read .* as a time; write 2026-11-01T12:00:00Z"):
        moment(point)


@pytest.mark.parametrize("point", ["0001-01-01T00:00+01:00", "9999-12-31T23:59-01:00"])
def test_an_instant_that_no_datetime_holds_is_refused(point):
    with pytest.raises(BadInput, match="lies outside the years 1 to 9999 in UTC"):
        moment(point)


def test_the_first_and_the_last_day_are_times():
    assert moment(date.max) == datetime.max.replace(tzinfo=UTC)
    assert moment("0001-01-01T00:00Z") == datetime.min.replace(tzinfo=UTC)


@given(st.floats(0, LONGEST.days))
def test_a_span_is_so_many_days(days):
    assert timedelta(days=days) == span(days, "days", "wait")


@pytest.mark.parametrize("number", [-1, math.nan, math.inf, 1e15])
@pytest.mark.parametrize("unit", ["days", "hours"])
def test_a_span_that_no_calendar_holds_is_refused(number, unit):
    """Taken off from now, it would leave the years that are known."""
    with pytest.raises(BadInput, match=f"cannot wait for .* {unit}; give 0 or more, up to"):
        span(number, unit, "wait")
