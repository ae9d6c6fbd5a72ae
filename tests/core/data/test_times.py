"""Local times become instants by one rule, whatever the clock did."""

from datetime import UTC, datetime, time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.times import (
    ORDER,
    chronological,
    instant,
    off_clock,
    on_clock,
    unclear,
    zone_of,
)
from argosy.errors import BadInput
from argosy_rows.periods import of_period, starts

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
    return rows.select(instant(rows, {"timestamp": "t", "zone": zone}).dt.strftime("%m-%d %H:%M"))[
        "t"
    ].to_list()


def test_a_naive_time_is_read_off_the_clock_of_its_zone():
    assert read(CHANGES, PARIS) == INSTANTS
    assert (
        CHANGES.select(unclear(CHANGES, {"timestamp": "t", "zone": PARIS}))["t"].to_list()
        == UNCLEAR
    )


def test_text_is_read_as_the_times_it_names():
    text = CHANGES.with_columns(pl.col("t").dt.strftime("%Y-%m-%d %H:%M"))

    assert read(text, PARIS) == INSTANTS
    assert text.select(unclear(text, {"timestamp": "t", "zone": PARIS}))["t"].to_list() == UNCLEAR


def test_text_that_says_its_offset_is_an_instant_already():
    text = pl.DataFrame({"t": ["2024-03-31T02:30:00+01:00", "2024-10-27T02:30:00+01:00"]})

    assert read(text, PARIS) == read(text, None) == ["03-31 01:30", "10-27 01:30"]
    assert text.select(unclear(text, {"timestamp": "t", "zone": PARIS}))["t"].to_list() == [
        False,
        False,
    ]


def test_a_date_begins_at_midnight_in_its_zone():
    days = pl.DataFrame({"t": [datetime(2024, 7, 1).date()]})

    assert read(days, PARIS) == ["06-30 22:00"]


@pytest.mark.parametrize("kind", [pl.Datetime("us", "Asia/Tokyo"), pl.Datetime("ms", "Asia/Tokyo")])
def test_a_column_that_names_a_zone_keeps_it(kind):
    aware = CHANGES.select(pl.col("t").dt.replace_time_zone("Asia/Tokyo").cast(kind))

    assert zone_of(aware, {"timestamp": "t", "zone": PARIS}) == "Asia/Tokyo"
    assert read(aware, PARIS)[0] == "03-30 16:59"
    assert not aware.select(unclear(aware, {"timestamp": "t", "zone": PARIS})).to_series().any()


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_without_a_zone_it_is_utc(zone):
    assert zone_of(CHANGES, {"timestamp": "t", "zone": zone}) == "UTC"
    assert read(CHANGES, zone) == CHANGES["t"].dt.strftime("%m-%d %H:%M").to_list()


def test_a_day_that_a_zone_skipped_is_read_by_the_clock_before():
    """Samoa had no 30 December 2011."""
    rows = pl.DataFrame({"t": [datetime(2011, 12, 30, 10)]})
    found = rows.select(on_clock(off_clock(pl.col("t"), "Pacific/Apia"), "Pacific/Apia"))

    assert found.item() == datetime(2011, 12, 31, 10)


def test_a_number_is_no_time():
    rows = pl.DataFrame({"t": [1]})
    with pytest.raises(BadInput, match="the timestamp 't' is Int64; it must be a date or a time"):
        instant(rows, {"timestamp": "t", "zone": PARIS})


INSTANTS_OF_DATA = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))
"""Whole microseconds; a day is left at either end, which other zones may need."""
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Etc/GMT-1"])
PERIODS = st.sampled_from(["1h", "6h", "1d", "1w", "2w", "1mo", "1q", "1y"])


def written(instant, zone):
    """Return ways to store one instant: rows, and what their binding says of it."""
    aware = pl.Series("t", [instant]).dt.replace_time_zone("UTC")
    elsewhere = aware.dt.convert_time_zone(zone)
    whole = aware.to_physical()
    yield aware.to_frame(), {}
    yield elsewhere.to_frame(), {}
    yield aware.dt.replace_time_zone(None).to_frame(), {}
    for form in ("%Y-%m-%dT%H:%M:%S%.6f%:z", "%Y/%m/%d %H:%M:%S%.f %z"):
        # before there was standard time, offsets had seconds, which no text says
        yield aware.dt.convert_time_zone("Etc/GMT+5").dt.strftime(form).to_frame(), {}
    yield aware.dt.strftime("%Y%m%dT%H%M%S%.6fZ").to_frame(), {}
    text = aware.dt.strftime("%d.%m.%Y %H:%M:%S%.6f")
    yield text.to_frame(), {ORDER: "day"}
    yield text.to_frame(), {"timestamp_format": "%d.%m.%Y %H:%M:%S%.f"}
    yield text.cast(pl.Categorical).to_frame(), {"timestamp_format": "%d.%m.%Y %H:%M:%S%.f"}
    yield whole.to_frame(), {"timestamp_format": "epoch:us"}
    yield whole.cast(pl.String).to_frame(), {"timestamp_format": "epoch:us"}
    if datetime(1700, 1, 1) < instant < datetime(2262, 1, 1):
        yield aware.cast(pl.Datetime("ns", "UTC")).to_frame(), {}
        yield (whole * 1000 + 999).to_frame(), {"timestamp_format": "epoch:ns"}
    if instant.microsecond == 0:
        yield aware.cast(pl.Datetime("ms", "UTC")).to_frame(), {}
        yield (whole // 1_000_000).cast(pl.Float64).to_frame(), {"timestamp_format": "epoch:s"}
        yield (whole // 1000).cast(pl.Decimal(20, 2)).to_frame(), {"timestamp_format": "epoch:ms"}
    if instant.time() == time(0):
        yield aware.dt.date().to_frame(), {}
        yield aware.dt.strftime("%Y%m%d").to_frame(), {}
        days = aware.dt.strftime("%Y%m%d").cast(pl.Int64)
        yield days.to_frame(), {"timestamp_format": "%Y%m%d"}


@given(INSTANTS_OF_DATA, st.sampled_from(["us", "s", "d"]), ZONES, PERIODS)
def test_one_instant_falls_in_one_window_however_it_is_stored(moment, precision, zone, period):
    """The type, the unit, the zone and the spelling are how it is stored, not when it is."""
    if precision != "us":
        moment = moment.replace(microsecond=0)
    if precision == "d":
        moment = datetime.combine(moment.date(), time(0))
    for rows, bound in written(moment, zone):
        binding = {"timestamp": "t", **bound}
        read = rows.select(instant(rows, binding)).to_series()

        assert [moment.replace(tzinfo=UTC)] == read.to_list(), (rows, bound)
    start = starts(pl.lit(read), period, zone)
    _, begin, end = pl.select(**of_period(start, period, zone)).row(0)
    assert begin <= moment.replace(tzinfo=UTC) < end


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_a_time_outside_of_the_years_is_none(unit):
    """A number in too coarse a unit is far beyond what any calendar, or the engine, can say."""
    far = pl.Series("t", [2**62, -(2**62), 0]).cast(pl.Datetime(unit, "UTC"))
    plain = far.dt.replace_time_zone(None)

    for column in (far.to_frame(), plain.to_frame()):
        for zone in (None, PARIS):
            assert [True, True, False] == column.select(
                instant(column, {"timestamp": "t", "zone": zone}).is_null()
            ).to_series().to_list()


def test_rows_are_in_the_order_of_their_times_and_not_of_their_text():
    rows = pl.DataFrame({"t": ["02.01.2024", "31.12.2023"]})
    order = chronological(rows, {"timestamp": "t", ORDER: "day"})

    assert ["31.12.2023", "02.01.2024"] == rows.sort(order)["t"].to_list()
    steps_ = pl.DataFrame({"t": [2, 1]})
    assert [1, 2] == steps_.sort(chronological(steps_, {"timestamp": "t"}))["t"].to_list()
