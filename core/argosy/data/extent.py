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
from argosy.data.windows import instant
from argosy.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location

_TIME = pl.Datetime("us", "UTC")
EXTENT = pl.Struct({"first": _TIME, "last": _TIME, "newest": _TIME})
"""From when to when a file has whole windows, and when the newest of them begins."""
SILENT = "no rows since"
"""How the reason begins where a model has stopped, though its file goes on."""
_STEPS, _SHARE = 2, 50
"""Ends may be missed by two usual steps between times, or by a fiftieth of the window."""


def extent(times: pl.Series, window: str) -> dict[str, datetime | None] | None:
    """Return from when to when there are whole windows, or None where there are no times.

    Args:
        times: in UTC, in any order.
        window: their length, as `argosy.data.windows.WindowSpec` takes it.

    >>> from datetime import datetime, UTC
    >>> hours = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (1, 2) for hour in range(24)]
    >>> cut = pl.Series(hours[:-6], dtype=pl.Datetime("us", "UTC"))
    >>> f"{extent(cut, '1d')['last']:%d %H:%M}"
    '02 17:00'
    """
    known = times.drop_nulls().unique().sort().alias("time")
    if known.is_empty():
        return None
    start = pl.col("time").dt.truncate(window).alias("start")
    step = pl.lit(known.diff().median(), pl.Duration("us")).fill_null(pl.duration(seconds=0))
    cut = (
        known.to_frame()
        .group_by(start, maintain_order=True)
        .agg(first=pl.col("time").first(), last=pl.col("time").last())
        .with_columns(end=pl.col("start").dt.offset_by(window))
        .with_columns(
            slack=pl.max_horizontal(step * _STEPS, (pl.col("end") - pl.col("start")) / _SHARE),
            begins=pl.col("first") - pl.col("start"),
            reaches=pl.col("last") - pl.col("start"),
        )
    )
    usual = {
        "begins": cut["begins"][1:].median() if cut.height > 1 else None,
        "reaches": cut["reaches"][:-1].median() if cut.height > 1 else None,
    }
    begin, reach = (pl.lit(usual[name], pl.Duration("us")) for name in ("begins", "reaches"))
    slack, length = pl.col("slack"), pl.col("end") - pl.col("start")
    early = pl.col("begins") <= pl.max_horizontal(begin, pl.duration(seconds=0)) + slack
    late = pl.col("reaches") >= pl.min_horizontal(reach, length) - slack
    ends = cut.with_columns(early=early, late=late)
    first, last = ends.row(0, named=True), ends.row(-1, named=True)
    whole = ends.filter(
        pl.col("early") | (pl.col("start") != first["start"]),
        pl.col("late") | (pl.col("start") != last["start"]),
    )
    return {
        "first": first["start"] if first["early"] else first["first"],
        "last": last["end"] if last["late"] else last["last"],
        "newest": whole["start"].last() if whole.height else None,
    }


def of_shared(bindings: pl.Series, window: str, location: Location) -> pl.Series:
    """Return the extent of each binding's file; null where the file is one model's own.

    Files that several models share are read once each, and only their times. One that cannot be
    read has no extent: whoever reads its rows says what is wrong.
    """
    named = ("url", "format", "timestamp", "where")
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
    return _extent(dataset.rows.select(time), time, window)


def silent(last: pl.Expr) -> pl.Expr:
    """Say that there are no rows of a model since its last window, of which `last` is the start."""
    start = last.dt.strftime("%Y-%m-%d %H:%M").str.strip_suffix(" 00:00")
    return pl.format(f"{SILENT} the window {{}}", start)


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
        return _extent(scan.select(time).collect(), time, window)
    except FAULTS:
        return None


def _extent(rows: pl.DataFrame, time: str, window: str) -> dict[str, Any] | None:
    try:
        return extent(rows.select(instant(rows, time)).to_series(), window)
    except BadInput:
        return None
