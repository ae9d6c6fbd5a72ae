"""Windows of time partition the rows, by the clock of a zone, whenever it is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy_rows.periods import by_clock, face, of_period, starts

ZONES = (
    *("UTC", "Europe/Paris", "Europe/London", "America/New_York", "America/Sao_Paulo"),
    *(
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Africa/Casablanca",
    ),
    *("America/St_Johns", "Pacific/Auckland", "Asia/Beirut", "Etc/GMT-2"),
)
WINDOWS = ("15m", "1h", "90m", "2h", "6h", "12h", "1d", "2d", "1w", "1mo", "1q", "1y")
INSTANT = pl.Datetime("us", "UTC")


def cut(times, window, zone):
    """Return the times with the window that each is in, in order."""
    rows = pl.DataFrame({"t": times}, schema={"t": INSTANT})
    rows = rows.sort("t").with_columns(start=starts(pl.col("t"), window, zone))
    return rows.with_columns(**of_period(pl.col("start"), window, zone))


def every(step, first, last):
    return pl.datetime_range(first, last, step, time_zone="UTC", time_unit="us", eager=True)


def changes(zone, year):
    """Return the instants of a year, to the quarter of an hour, at which a clock was changed."""
    own = ZoneInfo(zone)
    quarter = every("15m", datetime(year, 1, 1), datetime(year, 12, 31))
    shown = [moment.astimezone(own).utcoffset() for moment in quarter]
    return [quarter[place] for place in range(1, len(shown)) if shown[place] != shown[place - 1]]


AROUND = {
    (zone, year): changes(zone, year) or [datetime(year, 3, 31, tzinfo=UTC)]
    for zone in ZONES
    for year in (2016, 2024)
}


@given(of=st.sampled_from(sorted(AROUND)), window=st.sampled_from(WINDOWS), data=st.data())
def test_windows_follow_each_other_without_gap_or_overlap(of, window, data):
    zone, _ = of
    change = data.draw(st.sampled_from(AROUND[of]))
    rows = cut(every("15m", change - timedelta(days=3), change + timedelta(days=3)), window, zone)
    windows = rows.select("window", "window_start", "window_end").unique(maintain_order=True)

    inside = (rows["t"] >= rows["window_start"]) & (rows["t"] < rows["window_end"])
    assert inside.all()
    assert windows["window"].is_unique().all()
    assert windows["window_start"].is_sorted()
    assert windows["window_end"][:-1].equals(windows["window_start"][1:], check_names=False)
    lengths = (windows["window_end"] - windows["window_start"]).sum()
    assert lengths == windows["window_end"][-1] - windows["window_start"][0]
    if not by_clock(window):
        assert (windows["window_end"] - windows["window_start"]).n_unique() == 1


@given(
    of=st.sampled_from(sorted(AROUND)),
    window=st.sampled_from(("1d", "1w", "1mo")),
    minutes=st.lists(st.integers(-5000, 5000), min_size=1, max_size=50),
)
def test_a_row_belongs_to_the_local_day_that_it_is_of(of, window, minutes):
    zone, _ = of
    own = ZoneInfo(zone)
    times = [AROUND[of][0] + timedelta(minutes=many) for many in minutes]
    rows = cut(times, window, zone)

    for moment, label in rows.select("t", "window").iter_rows():
        day = moment.astimezone(own).date()
        first = {
            "1d": day,
            "1w": day - timedelta(days=day.weekday()),
            "1mo": day.replace(day=1),
        }[window]
        assert label == str(first)


@given(
    times=st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), min_size=1),
    window=st.sampled_from(WINDOWS),
)
def test_in_utc_nothing_but_truncation_and_addition_happens(times, window):
    rows = cut(times, window, "UTC")
    start = rows["t"].dt.truncate(window)

    assert rows["window_start"].to_list() == start.to_list()
    assert rows["window_end"].to_list() == start.dt.offset_by(window).to_list()
    label = start.dt.strftime("%Y-%m-%d %H:%M").str.strip_suffix(" 00:00")
    assert rows["window"].to_list() == label.to_list()


@pytest.mark.parametrize(
    ("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25), ("2024-06-01", 24)]
)
def test_a_day_has_23_24_or_25_hours(day, hours):
    around = datetime.fromisoformat(day)
    rows = cut(every("1h", around - timedelta(1), around + timedelta(2)), "1d", "Europe/Paris")

    assert rows.filter(window=day).height == hours


def test_the_hour_that_the_clock_shows_twice_is_two_windows():
    rows = cut(
        every("30m", datetime(2024, 10, 27), datetime(2024, 10, 27, 2)), "1h", "Europe/Paris"
    )

    assert rows["window"].unique(maintain_order=True).to_list() == [
        "2024-10-27 02:00", "2024-10-27 02:00 +01:00", "2024-10-27 03:00",
    ]  # fmt: skip


def test_six_hours_of_the_clock_may_be_five_or_seven():
    lengths = [
        cut([day], "6h", "Europe/Paris")
        .select(pl.col("window_end") - pl.col("window_start"))
        .item()
        for day in (datetime(2024, 3, 31), datetime(2024, 10, 27), datetime(2024, 6, 1))
    ]

    assert lengths == [timedelta(hours=many) for many in (5, 7, 6)]


def test_a_day_whose_midnight_is_skipped_is_called_by_its_date():
    rows = cut([datetime(2016, 10, 16, 12)], "1d", "America/Sao_Paulo")

    assert rows.select("window", "window_start", "window_end").row(0) == (
        "2016-10-16",
        datetime(2016, 10, 16, 3, tzinfo=UTC),
        datetime(2016, 10, 17, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize("window", WINDOWS)
def test_a_label_says_what_the_clock_showed(window):
    rows = cut([datetime(2024, 7, 1, 3, 20)], window, "America/New_York")
    local = rows["window_start"].dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)

    assert rows.select(face(pl.col("window"))).item() == local.item()


@given(
    st.one_of(st.just(datetime.min), st.just(datetime.max), st.datetimes()),
    st.sampled_from(ZONES),
    st.sampled_from((*WINDOWS, "2w", "5y", "100y")),
)
def test_windows_at_the_ends_of_the_calendar_are_times_of_python(time, zone, window):
    """They begin and end within the years 1 to 9999, which `datetime` knows."""
    instant = time.replace(tzinfo=UTC)
    _, begin, end = (
        cut([instant], window, zone).select("window", "window_start", "window_end").row(0)
    )

    assert begin <= instant <= end
