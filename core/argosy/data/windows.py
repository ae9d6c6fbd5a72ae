"""WindowSpec rows into windows (by time, by count, by partition) and into segments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL
from argosy.errors import BadInput
from argosy.registry.times import PERIOD

if TYPE_CHECKING:
    from argosy.data.datasets import Dataset

WINDOW, SEGMENT = "argosy_window", "argosy_segment"
LABELS: dict[str, Any] = {
    "window": pl.String,
    "window_start": pl.Datetime("us", "UTC"),
    "window_end": pl.Datetime("us", "UTC"),
}
_COUNT = re.compile(r"(\d+)\s*rows")
_PERIOD = re.compile(PERIOD)
_PARTITION = "by "
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_SOME_DAY = datetime(2026, 1, 1)


def is_period(text: str) -> bool:
    """Whether a text names a length of time, as polars writes it."""
    return _PERIOD.fullmatch(text) is not None


def counted(period: str) -> tuple[int, int]:
    """Return the months and the minutes of a period; only the minutes have one length.

    >>> counted("1q"), counted("1w2d"), counted("0d")
    ((3, 0), (0, 12960), (0, 0))
    """
    parts = [(int(many), unit) for many, unit in re.findall(r"(\d+)(mo|[mhdwqy])", period)]
    months = sum(many * _MONTHS.get(unit, 0) for many, unit in parts)
    return months, sum(many * _MINUTES.get(unit, 0) for many, unit in parts)


def _cuts(text: str) -> bool:
    """Whether windows can be cut so: of some time, of one unit; of some rows; by some column.

    >>> [text for text in ("0d", "1w2d", "0 rows", "by ", "6h", "10 rows", "by a") if _cuts(text)]
    ['6h', '10 rows', 'by a']
    """
    if is_period(text):
        return _lasts(text)
    rows = _COUNT.fullmatch(text)
    if rows:
        return int(rows[1]) > 0
    return text.startswith(_PARTITION) and bool(text.removeprefix(_PARTITION).strip())


@cache
def _lasts(period: str) -> bool:
    """Whether times can be cut into such periods, which polars refuses where units are mixed."""
    if counted(period) == (0, 0):
        return False
    try:
        pl.select(pl.lit(_SOME_DAY).dt.truncate(period))
    except pl.exceptions.PolarsError:
        return False
    return True


def _expression(segment: str) -> pl.Expr:
    try:
        return pl.sql_expr(segment)
    except Exception as error:
        raise BadInput(f"the segment {segment!r} is no SQL expression: {error}") from error


def instant(rows: pl.DataFrame, time: str) -> pl.Expr:
    """Read a column of rows as times in UTC; text that is no time becomes null.

    Raises:
        BadInput: if it is neither a date, a time nor text.
    """
    kind = rows.schema[time]
    column = pl.col(time)
    if kind == pl.String:
        column = column.str.to_datetime(strict=False, time_zone="UTC")
    elif not kind.is_temporal() or kind in (pl.Time, pl.Duration):
        raise BadInput(f"the timestamp {time!r} is {kind}; it must be a date or a time")
    elif isinstance(kind, pl.Datetime) and kind.time_zone:
        column = column.dt.convert_time_zone("UTC")
    else:
        column = column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return column.cast(pl.Datetime("us", "UTC"))


def in_order() -> tuple[pl.Expr, ...]:
    """Return what windows are sorted by: their start as an instant, else their number or name.

    >>> batches = pl.DataFrame({"window": ["10", "9", None], "window_start": [None] * 3})
    >>> batches.sort(*in_order(), nulls_last=False)["window"].to_list()
    [None, '9', '10']
    """
    number = pl.col("window").cast(pl.Float64, strict=False).alias("window_number")
    return pl.col("window_start"), number, pl.col("window")


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
            _expression(self.segment)

    def needs(self) -> set[str]:
        """Name the columns that cutting looks at, besides the timestamp.

        >>> sorted(WindowSpec("by batch", "CASE WHEN age < 30 THEN 'young' ELSE 'old' END").needs())
        ['age', 'batch']
        """
        named = _expression(self.segment).meta.root_names() if self.segment else []
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

        Rows whose time is unknown belong to no window, and are left out.

        Raises:
            BadInput: if a column that is needed is not there, or is no time.
        """
        rows, time = dataset.rows, dataset.binding["timestamp"]
        lacking = sorted(self.needs() - set(rows.columns))
        if lacking:
            raise BadInput(f"the data at {dataset.binding['url']} has no column {lacking[0]!r}")
        if self.segment:
            rows = rows.with_columns(_expression(self.segment).cast(pl.String).alias(SEGMENT))
        if self.window is None:
            return rows
        if self.rows_each is not None:
            ordered = rows.sort(MODEL, time, maintain_order=True) if time else rows
            number = pl.int_range(pl.len()).over(MODEL) // self.rows_each
            return ordered.with_columns(number.alias(WINDOW))
        if self.partition is not None:
            return rows.with_columns(rows[self.partition].cast(pl.String).alias(WINDOW))
        if time is None:
            raise BadInput("its data names no timestamp; bind it with one to cut windows by time")
        start = instant(rows, time).dt.truncate(self.window)
        return rows.with_columns(start.alias(WINDOW)).filter(pl.col(WINDOW).is_not_null())

    def by(self) -> list[str]:
        """Name the columns that tell groups of `rows` apart."""
        cut = ((self.window, WINDOW), (self.segment, SEGMENT))
        return [MODEL, *(column for chosen, column in cut if chosen)]

    def named(self, groups: pl.DataFrame) -> pl.DataFrame:
        """Return groups as `model`, `segment` and the columns of `LABELS`, in the same order."""
        nothing = {name: pl.lit(None, kind) for name, kind in LABELS.items()}
        labels = nothing if self.window is None else self._labels(self.window)
        segment = pl.col(SEGMENT) if self.segment else pl.lit(None, pl.String)
        return groups.select(model=MODEL, segment=segment, **labels)

    def _labels(self, window: str) -> dict[str, pl.Expr]:
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
        return of_period(place, window)


def of_period(start: pl.Expr, period: str) -> dict[str, pl.Expr]:
    """Return the columns of `LABELS` for windows of time that begin then."""
    label = start.dt.strftime("%Y-%m-%d %H:%M").str.strip_suffix(" 00:00")
    return {"window": label, "window_start": start, "window_end": start.dt.offset_by(period)}


WHOLE = WindowSpec()
"""All rows of a model together."""


def valid(window: str | None) -> str | None:
    """Return how rows are cut as it is given, for a field of a request.

    Raises:
        BadInput: if rows cannot be cut so.
    """
    WindowSpec(window)
    return window
