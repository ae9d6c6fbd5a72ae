"""Which windows of a file are whole: those that reach as far as its others usually do."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from argosy.data.extent import EXTENT, extent, whole

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
