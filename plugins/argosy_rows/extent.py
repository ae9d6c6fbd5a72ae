"""How far the times of a bound file go, over all of its models: which windows are whole.

A window of which the file holds the beginning or the end only says little of the time that it is
named after. The first and the last window of a file are whole where they reach as far as its other
windows usually do: a batch that is written at midnight covers its day, a file that is cut at noon
does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import FAULTS, opened
from argosy.data.time_readings import of_one_column
from argosy.data.times import UTC, instant, on_clock, zone_of
from argosy.data.years import within_years
from argosy.errors import BadInput
from argosy_rows.periods import by_clock, of_period, starts

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.store.location import Location

_TIME = pl.Datetime("us", "UTC")
EXTENT = pl.Struct(
    {
        "first": _TIME,
        "last": _TIME,
        "newest": _TIME,
        "newest_end": _TIME,
        "newest_window": pl.String,
    }
)
"""From when to when a file has whole windows; when the newest begins and ends, and its label."""
SILENT = "no rows since"
"""How the reason begins where a model has stopped, though its file goes on."""
_STEPS, _SHARE = 2, 50
"""Ends may be missed by two usual steps between times, or by a fiftieth of the window."""


def extent(times: pl.Series, window: str, zone: str = UTC) -> dict[str, Any] | None:
    """Return from when to when there are whole windows, or None where there are no times.

    How far a window reaches is read off the clock that it is cut by: a day of 25 hours that lacks
    its last one reaches less far than others do.

    Args:
        times: in UTC, in any order.
        window: their length, as `argosy_rows.windows.WindowSpec` takes it.
        zone: whose clock they are cut by.

    >>> from datetime import datetime, UTC
    >>> hours = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (1, 2) for hour in range(24)]
    >>> cut = pl.Series(hours[:-6], dtype=pl.Datetime("us", "UTC"))
    >>> f"{extent(cut, '1d')['last']:%d %H:%M}"
    '02 17:00'
    """
    known = times.drop_nulls().unique().sort().alias("time")
    if known.is_empty():
        return None
    step = pl.lit(known.diff().median(), pl.Duration("us")).fill_null(pl.duration(seconds=0))
    cut = (
        known.to_frame()
        .group_by(start=starts(pl.col("time"), window, zone), maintain_order=True)
        .agg(first=pl.col("time").first(), last=pl.col("time").last())
        .with_columns(**of_period(pl.col("start"), window, zone))
        .with_columns(**_shown(window, zone))
        .with_columns(length=pl.col("over") - pl.col("begun"))
        .with_columns(
            slack=pl.max_horizontal(step * _STEPS, pl.col("length") / _SHARE),
            begins=pl.col("from") - pl.col("begun"),
            reaches=pl.col("to") - pl.col("begun"),
        )
    )
    usual = {
        "begins": cut["begins"][1:].median() if cut.height > 1 else None,
        "reaches": cut["reaches"][:-1].median() if cut.height > 1 else None,
    }
    begin, reach = (pl.lit(usual[name], pl.Duration("us")) for name in ("begins", "reaches"))
    slack, length = pl.col("slack"), pl.col("length")
    early = pl.col("begins") <= pl.max_horizontal(begin, pl.duration(seconds=0)) + slack
    late = pl.col("reaches") >= pl.min_horizontal(reach, length) - slack
    ends = cut.with_columns(early=early, late=late)
    ends = ends.with_row_index("number").select(
        *("number", "early", "late", "window", "window_start", "window_end"),
        *(within_years(pl.col(name)) for name in ("first", "last")),
    )
    first, last = ends.row(0, named=True), ends.row(-1, named=True)
    whole = ends.filter(
        pl.col("early") | (pl.col("number") != first["number"]),
        pl.col("late") | (pl.col("number") != last["number"]),
    )
    newest = whole.row(-1, named=True) if whole.height else {}
    return {
        "first": first["window_start"] if first["early"] else first["first"],
        "last": last["window_end"] if last["late"] else last["last"],
        "newest": newest.get("window_start"),
        "newest_end": newest.get("window_end"),
        "newest_window": newest.get("window"),
    }


def _shown(window: str, zone: str) -> dict[str, pl.Expr]:
    """Return what the clock shows at both ends of a window, and of the times in it."""
    clock = zone if by_clock(window) else UTC
    of = {"begun": "window_start", "over": "window_end", "from": "first", "to": "last"}
    return {name: on_clock(pl.col(column), clock) for name, column in of.items()}


def of_shared(bindings: pl.Series, window: str, location: Location) -> pl.Series:
    """Return the extent of each binding's file; null where the file is one model's own.

    Files that several models share are read once each, and only their times. One that cannot be
    read has no extent: whoever reads its rows says what is wrong.
    """
    named = ("url", "format", "timestamp", "timestamp_format", "where", "zone")
    files: dict[tuple[Any, ...], dict[str, Any] | None] = {}
    found: list[dict[str, Any] | None] = []
    for binding in bindings:
        if binding is None or not binding["key"] or not binding["timestamp"]:
            found.append(None)
            continue
        file = tuple(binding[name] for name in named)
        if file not in files:
            files[file] = _read(binding, window, location)
        found.append(files[file])
    return pl.Series("extent", found, dtype=EXTENT)


def of_own(dataset: Dataset, window: str) -> dict[str, Any] | None:
    """Return the extent of a dataset whose rows are all rows of its file."""
    time = dataset.binding["timestamp"]
    if not time or time not in dataset.rows.columns:
        return None
    return _extent(dataset.rows.select(time), dataset.binding, window)


def silent(last: pl.Expr) -> pl.Expr:
    """Say that there are no rows of a model since its last window, of which `last` is the label."""
    return pl.format(f"{SILENT} the window {{}}", last)


def whole(start: pl.Expr, end: pl.Expr, held: pl.Expr) -> pl.Expr:
    """Whether a window lies within the extent of its file.

    Args:
        start: of the window; null where it is none of time, which is whole.
        end: of the window.
        held: the extent; where it is not known, the window is whole.
    """
    within = (start >= held.struct.field("first")) & (end <= held.struct.field("last"))
    return within.fill_null(value=True)


def _read(binding: dict[str, Any], window: str, location: Location) -> dict[str, Any] | None:
    time = binding["timestamp"]
    try:
        _, scan = opened(binding, location)
        rows = scan.select(time).collect()
        return _extent(rows, of_one_column(rows, binding), window)
    except FAULTS:
        return None


def _extent(rows: pl.DataFrame, binding: dict[str, Any], window: str) -> dict[str, Any] | None:
    try:
        times = rows.select(instant(rows, binding)).to_series()
        return extent(times, window, zone_of(rows, binding))
    except BadInput:
        return None
