"""Which windows of a file are whole: those that reach as far as its others usually do."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from argosy_rows.extent import EXTENT, extent, whole
from argosy_rows.periods import of_period, starts

DAY = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


def times(*spans, every):
    """Return times from one to another, for each of the spans in hours since the first day."""
    steps = [
        DAY + timedelta(hours=start) + every * place
        for start, end in spans
        for place in range(round(timedelta(hours=end - start) / every))
    ]
    return pl.Series(steps, dtype=pl.Datetime("us", "UTC"))


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SEEN = {
    "hours up to the last of a day": (times((0, 96), every=HOUR), "1d", [0, 1, 2, 3]),
    "a day that is cut at noon": (times((0, 84), every=HOUR), "1d", [0, 1, 2]),
    "a day that begins at noon": (times((12, 96), every=HOUR), "1d", [1, 2, 3]),
    "one row of a fourth day": (times((0, 72 + 1 / 60), every=MINUTE), "1d", [0, 1, 2]),
    "batches that are written at midnight": (
        times((0, 1), (24, 25), (48, 49), every=MINUTE), "1d", [0, 1, 2],
    ),
    "a batch that is half written": (
        times((0, 2), (24, 26), (48, 49), every=MINUTE), "1d", [0, 1],
    ),
    "weeks of working days": (
        times(*[(24 * day, 24 * day + 9) for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)], every=HOUR),
        "1w", [0, 7],
    ),
    "a week that is at Wednesday": (
        times(*[(24 * day, 24 * day + 9) for day in (0, 1, 2, 3, 4, 7, 8, 9)], every=HOUR),
        "1w", [0],
    ),
    "one day, whole": (times((0, 24), every=HOUR), "1d", [0]),
    "one day, cut": (times((0, 12), every=HOUR), "1d", []),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "window", "expected"), SEEN.values(), ids=SEEN)
def test_the_windows_at_the_ends_are_whole_where_they_reach_as_far_as_others(
    seen, window, expected
):
    held = extent(seen, window)
    starts = seen.dt.truncate(window).unique().sort()
    cut = pl.DataFrame({"start": starts}).with_columns(
        end=pl.col("start").dt.offset_by(window), extent=pl.lit(held, EXTENT)
    )
    kept = cut.filter(whole(pl.col("start"), pl.col("end"), pl.col("extent")))

    assert [(start - DAY).days for start in kept["start"]] == expected
    newest = DAY + timedelta(days=expected[-1]) if expected else None
    assert held["newest"] == newest


def test_no_time_has_no_extent():
    assert extent(pl.Series([None], dtype=pl.Datetime("us", "UTC")), "1d") is None


PARIS = "Europe/Paris"
CLOCK = {
    "the long day, whole": (25, [True, True, True]),
    "the long day without its last hour": (23.5, [True, True, False]),
}


@pytest.mark.parametrize(("many", "expected"), CLOCK.values(), ids=CLOCK)
def test_a_window_reaches_as_far_as_its_clock_says(many, expected):
    first = datetime(2024, 10, 24, 22, tzinfo=UTC)  # midnight in Paris
    steps = [first + timedelta(minutes=15 * place) for place in range(round((48 + many) * 4))]
    seen = pl.Series(steps, dtype=pl.Datetime("us", "UTC"))
    held = extent(seen, "1d", PARIS)
    cut = (
        seen.to_frame("time")
        .select(start=starts(pl.col("time"), "1d", PARIS))
        .unique()
        .sort("start")
    )
    cut = cut.with_columns(**of_period(pl.col("start"), "1d", PARIS), extent=pl.lit(held, EXTENT))
    told = cut.select(whole(pl.col("window_start"), pl.col("window_end"), pl.col("extent")))

    assert told.to_series().to_list() == expected
    newest = "2024-10-27" if expected[-1] else "2024-10-26"
    assert held["newest_window"] == newest
