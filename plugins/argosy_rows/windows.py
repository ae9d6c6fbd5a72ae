"""Cut rows into windows (by time, by count, by partition) and into segments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.data.datasets import MODEL
from argosy.data.left_out import EARLY, UNCLEAR, UNNAMED, UNTIMED, leave_out_of
from argosy.data.times import UTC, chronological, instant, unclear, zone_of
from argosy.data.years import bounds
from argosy.errors import BadInput
from argosy.kernels.values import spelt
from argosy_rows.periods import LABELS, is_period, lasts, of_period, starts
from argosy_rows.segments import cut_by, expression

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset
    from argosy.data.left_out import Cause

WINDOW, SEGMENT = "argosy_window", "argosy_segment"
_COUNT = re.compile(r"(\d+)\s*rows")
_PARTITION = "by "
_EARLY = 59 * 86_400_000_000
"""The end of February 1970, in microseconds."""


def _cuts(text: str) -> bool:
    """Whether windows can be cut so: of some time, of one unit; of some rows; by some column.

    >>> [text for text in ("0d", "1w2d", "0 rows", "by ", "6h", "10 rows", "by a") if _cuts(text)]
    ['6h', '10 rows', 'by a']
    """
    if is_period(text):
        return lasts(text)
    rows = _COUNT.fullmatch(text)
    if rows:
        return int(rows[1]) > 0
    return text.startswith(_PARTITION) and bool(text.removeprefix(_PARTITION).strip())


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """How rows are cut: into windows, and into the values of one segment."""

    window: str | None = None
    """A period (`1d`, `1w`, `1mo`), a count (`1000 rows`), a partition (`by COLUMN`), or none."""
    segment: str | None = None
    """A SQL expression over the columns, or none."""

    def __post_init__(self) -> None:
        if self.window is not None and not _cuts(self.window):
            raise BadInput(
                f"cannot cut windows by {self.window!r}; give a period such as '1d', '1w' or '1mo',"
                " a count such as '1000 rows', or a column as 'by batch'"
            )
        if self.segment:
            expression(self.segment)

    def needs(self) -> set[str]:
        """Name the columns that cutting looks at, besides the timestamp.

        >>> sorted(WindowSpec("by batch", "CASE WHEN age < 30 THEN 'young' ELSE 'old' END").needs())
        ['age', 'batch']
        """
        named = expression(self.segment).meta.root_names() if self.segment else []
        return {*named, *([self.partition] if self.partition else [])}

    @property
    def rows_each(self) -> int | None:
        """How many rows a window has, where they are counted."""
        counted = _COUNT.fullmatch(self.window or "")
        return int(counted[1]) if counted else None

    @property
    def partition(self) -> str | None:
        """The column that names the windows, which is therefore no feature."""
        text = self.window or ""
        return text.removeprefix(_PARTITION) if text.startswith(_PARTITION) else None

    def rows(self, dataset: Dataset) -> pl.DataFrame:
        """Return a dataset's rows with the columns `argosy_window` and `argosy_segment`.

        Rows whose time is unknown, or that name no window, belong to none; they are left out and
        counted (`argosy.data.left_out`).

        Raises:
            BadInput: if a column that is needed is not there, or is no time, or does not allow the
                segment.
        """
        rows, time = dataset.rows, dataset.binding["timestamp"]
        lacking = sorted(self.needs() - set(rows.columns))
        if lacking:
            raise BadInput(f"the data at {dataset.binding['url']} has no column {lacking[0]!r}")
        if self.segment:
            rows = rows.with_columns(cut_by(dataset, self.segment).alias(SEGMENT))
        if self.window is None:
            return rows
        if self.rows_each is not None:
            order = chronological(rows, dataset.binding) if time else None
            ordered = rows if order is None else rows.sort(MODEL, order, maintain_order=True)
            number = pl.int_range(pl.len()).over(MODEL) // self.rows_each
            return ordered.with_columns(number.alias(WINDOW))
        if self.partition is not None:
            named = spelt(rows[self.partition]).alias(WINDOW)
            return _in_a_window(rows.with_columns(named), dataset, UNNAMED)
        if time is None:
            raise BadInput("its data names no timestamp; bind it with one to cut windows by time")
        times = rows.select(instant(rows, dataset.binding)).to_series()
        start = starts(pl.lit(times), self.window, zone_of(rows, dataset.binding))
        _count_unclear(rows, dataset)
        count_early(rows, times, dataset)
        return _in_a_window(rows.with_columns(start.alias(WINDOW)), dataset, UNTIMED)

    def by(self) -> list[str]:
        """Name the columns that tell groups of `rows` apart."""
        cut = ((self.window, WINDOW), (self.segment, SEGMENT))
        return [MODEL, *(column for chosen, column in cut if chosen)]

    def named(self, groups: pl.DataFrame) -> pl.DataFrame:
        """Return groups as `model`, `segment` and the columns of `LABELS`, in the same order."""
        nothing = {name: pl.lit(None, kind) for name, kind in LABELS.items()}
        labels = nothing if self.window is None else self._labels(self.window, groups)
        segment = pl.col(SEGMENT) if self.segment else pl.lit(None, pl.String)
        return groups.select(model=MODEL, segment=segment, **labels)

    def _labels(self, window: str, groups: pl.DataFrame) -> dict[str, pl.Expr]:
        place = pl.col(WINDOW)
        none = pl.lit(None, LABELS["window_start"])
        size = self.rows_each
        if size is not None:
            first = (place * size + 1).cast(pl.String).str.zfill(9)
            last = ((place + 1) * size).cast(pl.String).str.zfill(9)
            label = pl.format("rows {} to {}", first, last)
            return {"window": label, "window_start": none, "window_end": none}
        if window.startswith(_PARTITION):
            return {"window": place, "window_start": none, "window_end": none}
        kind = groups.schema[WINDOW]
        zone = kind.time_zone if isinstance(kind, pl.Datetime) else None
        return of_period(place, window, zone or UTC)


def _count_unclear(rows: pl.DataFrame, dataset: Dataset) -> None:
    """Count the rows whose local time is no single instant."""
    mask = rows.select(unclear(rows, dataset.binding)).to_series()
    if mask.any():
        leave_out_of(UNCLEAR, dataset, rows.filter(mask)[MODEL])


def count_early(rows: pl.DataFrame, times: pl.Series, dataset: Dataset) -> None:
    """Count the rows of models all of whose times are of the first two months of 1970.

    There the times of today lie where their numbers were read in a unit that is a thousand times
    too small, or smaller. The rows count all the same.
    """
    first, last = bounds(times)
    if times.null_count() == len(times) or first >= _EARLY or last < 0:
        return
    ends = pl.DataFrame({MODEL: rows[MODEL], "at": times.dt.epoch("us")}).drop_nulls()
    spans = ends.group_by(MODEL).agg(first=pl.min("at"), last=pl.max("at"), rows=pl.len())
    early = spans.filter(pl.col("first") >= 0, pl.col("last") < _EARLY)
    leave_out_of(EARLY, dataset, early[MODEL], early["rows"])


def _in_a_window(rows: pl.DataFrame, dataset: Dataset, cause: Cause) -> pl.DataFrame:
    """Leave out and count the rows that are in no window."""
    if not rows[WINDOW].null_count():
        return rows
    inside = rows[WINDOW].is_not_null()
    leave_out_of(cause, dataset, rows[MODEL].filter(~inside))
    return rows.filter(inside)


WHOLE = WindowSpec()
"""All rows of a model together."""


def valid(window: str | None) -> str | None:
    """Return how rows are cut as it is given, for a field of a request.

    Raises:
        BadInput: if rows cannot be cut so.
    """
    WindowSpec(window)
    return window
