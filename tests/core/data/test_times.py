"""Local times become instants by one rule, whatever the clock did."""

from datetime import datetime

import polars as pl
import pytest

from argosy.data.times import instant, off_clock, on_clock, unclear, zone_of
from argosy.errors import BadInput

PARIS = "Europe/Paris"
CHANGES = pl.DataFrame(
    {
        "t": [
            datetime(2024, 3, 31, 1, 59),
            datetime(2024, 3, 31, 2, 30),  # skipped
            datetime(2024, 3, 31, 3, 0),
            datetime(2024, 10, 27, 2, 30),  # twice
            datetime(2024, 10, 27, 3, 0),
            None,
        ]
    }
)
INSTANTS = ["03-31 00:59", "03-31 01:30", "03-31 01:00", "10-27 00:30", "10-27 02:00", None]
UNCLEAR = [False, True, False, True, False, False]


def read(rows, zone):
    return rows.select(instant(rows, "t", zone).dt.strftime("%m-%d %H:%M"))["t"].to_list()


def test_a_naive_time_is_read_off_the_clock_of_its_zone():
    assert read(CHANGES, PARIS) == INSTANTS
    assert CHANGES.select(unclear(CHANGES, "t", PARIS))["t"].to_list() == UNCLEAR


def test_text_is_read_as_the_times_it_names():
    text = CHANGES.with_columns(pl.col("t").dt.strftime("%Y-%m-%d %H:%M"))

    assert read(text, PARIS) == INSTANTS
    assert text.select(unclear(text, "t", PARIS))["t"].to_list() == UNCLEAR


def test_text_that_says_its_offset_is_an_instant_already():
    text = pl.DataFrame({"t": ["2024-03-31T02:30:00+01:00", "2024-10-27T02:30:00+01:00"]})

    assert read(text, PARIS) == read(text, None) == ["03-31 01:30", "10-27 01:30"]
    assert text.select(unclear(text, "t", PARIS))["t"].to_list() == [False, False]


def test_a_date_begins_at_midnight_in_its_zone():
    days = pl.DataFrame({"t": [datetime(2024, 7, 1).date()]})

    assert read(days, PARIS) == ["06-30 22:00"]


@pytest.mark.parametrize("kind", [pl.Datetime("us", "Asia/Tokyo"), pl.Datetime("ms", "Asia/Tokyo")])
def test_a_column_that_names_a_zone_keeps_it(kind):
    aware = CHANGES.select(pl.col("t").dt.replace_time_zone("Asia/Tokyo").cast(kind))

    assert zone_of(aware, "t", PARIS) == "Asia/Tokyo"
    assert read(aware, PARIS)[0] == "03-30 16:59"
    assert not aware.select(unclear(aware, "t", PARIS)).to_series().any()


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_without_a_zone_it_is_utc(zone):
    assert zone_of(CHANGES, "t", zone) == "UTC"
    assert read(CHANGES, zone) == CHANGES["t"].dt.strftime("%m-%d %H:%M").to_list()


def test_a_day_that_a_zone_skipped_is_read_by_the_clock_before():
    """Samoa had no 30 December 2011."""
    rows = pl.DataFrame({"t": [datetime(2011, 12, 30, 10)]})
    found = rows.select(on_clock(off_clock(pl.col("t"), "Pacific/Apia"), "Pacific/Apia"))

    assert found.item() == datetime(2011, 12, 31, 10)


def test_a_number_is_no_time():
    rows = pl.DataFrame({"t": [1]})
    with pytest.raises(BadInput, match="the timestamp 't' is Int64; it must be a date or a time"):
        instant(rows, "t", PARIS)
