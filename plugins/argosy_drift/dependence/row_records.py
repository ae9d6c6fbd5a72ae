"""Take down how the rows of a side depend on each other, column by column.

A binding's `timestamp` gives the order of rows, its `cluster` says which hang together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.times import UNREADABLE, instant, on_clock, zone_of
from argosy.errors import BadInput
from argosy.kernels import sums
from argosy.kernels.values import distinct
from argosy_drift.dependence.lag_records import code_records, missing_records, ordered_records
from argosy_drift.dependence.row_order import UNKNOWN, RowOrder
from argosy_drift.dependence.turns import TURNS, level_turns, value_turns
from argosy_rows.flat_lists import lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.data.datasets import Dataset
    from argosy_rows.groups import Grouped

    Ints = NDArray[np.int64]
    Found = tuple[NDArray[np.float64], Ints]
    Ordered = tuple[NDArray[np.uint16], Ints]

_NUMBERS = pl.List(pl.Float64)
RECORDS = ("record", "missing_record")
"""What each column of each group keeps (`lag_sums`): of its values, and of where
these are missing, which is empty where none is."""


def order_of(held: Grouped, dataset: Dataset) -> RowOrder | None:
    """Return the order of the rows of every group; none where the binding names none."""
    rows, binding = held.rows, dataset.binding
    time, cluster = binding.get("timestamp"), binding.get("cluster")
    times = days = clusters = None
    if time in rows.columns:
        times, days = _times(rows, binding)
    if cluster in rows.columns:
        number = distinct(rows[cluster]).rank("dense").cast(pl.Int64) - 1
        clusters = number.fill_null(-1).to_numpy()
    if times is None and clusters is None:
        return None
    return RowOrder.of(held.lengths, times, days, clusters)


def _times(rows: pl.DataFrame, binding: dict[str, Any]) -> tuple[Ints | None, Ints | None]:
    """Read when rows were, and on which day of their zone; numbers give an order without days."""
    time = binding["timestamp"]
    if rows.schema[time].is_numeric() and not binding.get("timestamp_format"):
        number = distinct(rows[time]).rank("dense").cast(pl.Int64)
        return number.fill_null(UNKNOWN).to_numpy(), None
    try:
        moments = rows.select(instant(rows, binding)).to_series()
    except BadInput:
        if binding.get(UNREADABLE):  # rows whose order is not known are not independent
            raise
        return None, None
    clock = pl.select(on_clock(pl.lit(moments), zone_of(rows, binding))).to_series()
    days = clock.dt.date().to_physical().cast(pl.Int64)
    stamps = moments.to_physical().fill_null(UNKNOWN)
    return stamps.to_numpy(), days.fill_null(UNKNOWN).to_numpy()


class Records:
    """Gathers the records of one side of the columns of a dataset, piece by piece."""

    def __init__(self, order: RowOrder, standing: RowOrder | None = None, most: int = 0) -> None:
        """Begin with nothing.

        Args:
            order: that of the rows of all groups.
            standing: the same with what must not be cut in `units` (`argosy_drift.row_blocks`),
                where `TURNS` are kept too.
            most: how many values of a group are kept.
        """
        self._order = order
        self._own = order
        self._standing = self._own_standing = standing
        self._most = most
        self._next = 0
        self._found: list[tuple[Found, Found]] = []
        self._turns: list[tuple[Ordered, Ordered, tuple[pl.Series, Ints]]] = []
        self._columns: list[tuple[str, Ints]] = []

    def begin(self, column: str, places: Ints) -> None:
        """Begin with a column, which some of the groups have."""
        self._own, self._next = self._order.some(places), 0
        if self._standing is not None:
            self._own_standing = self._standing.some(places)
        self._columns.append((column, places))

    def numbers(
        self, values: NDArray[np.float64], ascending: NDArray[np.float64], known: Ints
    ) -> None:
        """Take the values of the next groups, as they are (NaN: missing) and in ascending order."""
        order, standing = self._piece(len(known))
        if standing is not None:
            turns, starts = value_turns(values, standing, self._most)
            none = np.zeros(len(known), np.int64)
            self._turns.append((turns, starts, (pl.Series(dtype=pl.String), none)))
        found = ordered_records(values, ascending, known, order)
        gaps = known < order.lengths
        missing = np.isnan(values) if gaps.any() else np.zeros(0, np.bool_)
        self._found.append((found, _of_missing(missing, gaps, order)))

    def codes(self, codes: NDArray[np.int32], texts: pl.Series, many: Ints) -> None:
        """Take the categories of the next groups.

        Args:
            codes: the number of each row's category in its group, -1 where it is missing.
            texts: the categories of each group.
            many: how many of them each group has.
        """
        order, standing = self._piece(len(many))
        if standing is not None:
            self._turns.append(level_turns(codes, texts, many, standing, self._most))
        missing = codes < 0
        gaps = sums(missing, order.lengths) > 0
        self._found.append((code_records(codes, order), _of_missing(missing, gaps, order)))

    def table(self, groups: pl.DataFrame) -> pl.DataFrame:
        """Return `column`, `RECORDS` and `TURNS` of columns, beside what groups are called."""
        if not self._columns:
            nothing: dict[str, Any] = {
                "column": pl.String,
                **dict.fromkeys(RECORDS, pl.List(pl.Float64)),
                **TURNS,
            }
            return groups.clear().hstack(pl.DataFrame(schema=nothing))
        rows = np.concatenate([places for _, places in self._columns])
        names = pl.Series("column", [column for column, _ in self._columns])
        many = [len(places) for _, places in self._columns]
        return groups[rows].hstack(
            [
                names[np.repeat(np.arange(len(many)), many)],
                *(
                    listed([found[place] for found in self._found]).alias(name)
                    for place, name in enumerate(RECORDS)
                ),
                *self._kept(len(rows)),
            ]
        )

    def _kept(self, many: int) -> list[pl.Series]:
        """Return `TURNS`, null where nobody asked for them."""
        if self._standing is None:
            return pl.DataFrame(schema=TURNS).clear(many).get_columns()
        turns, starts, levels = zip(*self._turns, strict=True)
        texts = pl.concat([text for text, _ in levels]).to_arrow()
        sizes = np.concatenate([size for _, size in levels])
        return [
            listed(turns, TURNS["turns"]).alias("turns"),
            listed(starts, TURNS["starts"]).alias("starts"),
            pl.Series("levels", lists(texts, sizes), dtype=TURNS["levels"]),
        ]

    def _piece(self, many: int) -> tuple[RowOrder, RowOrder | None]:
        start, self._next = self._next, self._next + many
        standing = self._own_standing
        return self._own.between(start, self._next), (
            standing.between(start, self._next) if standing is not None else None
        )


def _of_missing(missing: NDArray[np.bool_], gaps: NDArray[np.bool_], order: RowOrder) -> Found:
    if not gaps.any():
        return np.zeros(0), np.zeros(len(gaps), np.int64)
    own = missing[np.repeat(gaps, order.lengths)]
    flat, sizes = missing_records(own, order.some(np.flatnonzero(gaps)))
    whole = np.zeros(len(gaps), np.int64)
    whole[gaps] = sizes
    return flat, whole


def listed(parts: Sequence[tuple[NDArray[Any], Ints]], kind: pl.List = _NUMBERS) -> pl.Series:
    """Return records, end to end with the length of each, as a column of lists."""
    flat, sizes = (np.concatenate(part) for part in zip(*parts, strict=True))
    return pl.Series(lists(flat, sizes), dtype=kind)
