"""Gather the values of columns by group: sorted numbers, and counts of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from argosy.kernels import ascending
from argosy.kernels.values import spelt
from argosy_drift.category_counts import tallied
from argosy_drift.histograms import MOST, condensed, expanded
from argosy_drift.wide_numbers import less
from argosy_rows.flat_lists import lists, room
from argosy_rows.periods import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from argosy_drift.dependence.row_records import Records
    from argosy_rows.groups import Grouped

    Ints = NDArray[np.int64]


class Wanted(NamedTuple):
    """A column that is compared."""

    column: str
    places: Ints
    """Those of the groups that want it, ascending."""
    bases: NDArray[np.float64] | None = None
    """What is taken off the numbers of each group (`argosy_drift.wide_numbers`)."""


_WORTH = 1 << 15
"""Rows of a column's pieces, on average, from which they are not copied into one."""

GROUP: dict[str, Any] = {"model": pl.String, "segment": pl.String, **LABELS}
"""What tells the groups of rows apart that are compared: a model's, in a segment and a window."""
NUMERIC: dict[str, Any] = {
    **GROUP,
    "column": pl.String,
    "n": pl.Int64,
    "nulls": pl.Int64,
    "values": pl.List(pl.Float64),
    "weights": pl.List(pl.Int64),
}
COUNTS: dict[str, Any] = {
    **GROUP,
    "column": pl.String,
    "category": pl.String,
    "count": pl.Int64,
}


def numbers(
    held: Grouped,
    groups: pl.DataFrame,
    wanted: Sequence[Wanted],
    records: Records | None = None,
) -> pl.DataFrame:
    """Sort the values of every wanted numeric column, all in one flat array.

    Args:
        held: the rows.
        groups: what its groups are called, in its order: the columns of `GROUP`.
        wanted: the columns.
        records: takes down how their rows depend on each other, if there is an order.

    Returns:
        The columns of `NUMERIC`, by column and group.
    """
    wanted = sorted(wanted, key=lambda one: one.column)
    sizes = [int(held.lengths[one.places].sum()) for one in wanted]
    flat, unsorted, end = room(sum(sizes)), room(max(sizes, default=0)), 0
    known = [np.zeros(0, np.int64)]
    for column, places, bases in wanted:
        if records is not None:
            records.begin(column, places)
        rows, lengths = _of(held, column, places)
        if bases is not None:
            rows = less(rows, np.repeat(bases, lengths))
        for piece, own in _pieces(rows, lengths):
            values = _floats(piece, unsorted)
            known.append(ascending(values, np.cumsum(own) - own, own, flat[end:]))
            start, end = end, end + int(known[-1].sum())
            if records is not None:
                records.numbers(values, flat[start:end], known[-1])
    if not wanted:
        return pl.DataFrame(schema=NUMERIC)
    found, of = np.concatenate(known), np.concatenate([one.places for one in wanted])
    columns, many = [one.column for one in wanted], [len(one.places) for one in wanted]
    return groups[of].hstack(
        [
            pl.Series("column", columns)[np.repeat(np.arange(len(wanted)), many)],
            pl.Series("n", held.lengths[of]),
            pl.Series("nulls", held.lengths[of] - found),
            *_listed(flat[:end], found),
        ]
    )


def _listed(values: NDArray[np.float64], lengths: NDArray[np.int64]) -> list[pl.Series]:
    """Return the lists `values` and `weights`, which are few where there are no large groups."""
    if not (lengths > MOST).any():
        return [pl.Series("values", lists(values, lengths)), _no_weights(len(lengths))]
    edges, counts, sizes = condensed(values, lengths)
    weights = pl.Series("weights", lists(counts, sizes))
    large = pl.Series(lengths > MOST)
    plain = _no_weights(len(lengths))
    return [pl.Series("values", lists(edges, sizes)), weights.zip_with(large, plain)]


def _no_weights(many: int) -> pl.Series:
    return pl.repeat(None, many, dtype=pl.List(pl.Int64), eager=True).alias("weights")


def unfolded(numeric: pl.DataFrame) -> pl.DataFrame:
    """Put the values in the place of the edges and weights that stand for them."""
    if numeric["weights"].null_count() == numeric.height:
        return numeric
    weights = pl.coalesce("weights", pl.col("values").list.eval(pl.lit(1, pl.Int64)))
    folded = numeric.select("values", weights=weights)
    sizes = folded["values"].list.len().to_numpy().astype(np.int64)
    edges, counts = (
        folded[name].explode(empty_as_null=False).to_numpy() for name in folded.columns
    )
    return numeric.with_columns(pl.Series("values", lists(*expanded(edges, counts, sizes))))


def fill(block: NDArray[np.float64], column: pl.Series) -> None:
    """Copy a column's values as numbers, missing ones as NaN; times and durations as µs."""
    start = 0
    for chunk in _physical(column).get_chunks():
        block[start : start + len(chunk)] = _numbers(chunk)
        start += len(chunk)


def _floats(column: pl.Series, spare: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what `fill` would write, to be read only: in place if it can be, else in `spare`."""
    if column.n_chunks() == 1:
        values = _numbers(_physical(column)).view()
    else:
        values = spare[: len(column)]
        fill(values, column)
    values.flags.writeable = False  # else the kernel would be compiled for both
    return values


def _physical(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind in (pl.Date, pl.Datetime):
        column = column.cast(pl.Datetime("us"))
    elif kind == pl.Duration:
        column = column.cast(pl.Duration("us"))
    return column.to_physical() if kind.is_temporal() else column


def _numbers(chunk: pl.Series) -> NDArray[np.float64]:
    return chunk.cast(pl.Float64).to_numpy()  # which makes null NaN


def counts(
    held: Grouped,
    groups: pl.DataFrame,
    wanted: Sequence[Wanted],
    records: Records | None = None,
) -> pl.DataFrame:
    """Count the categories of every wanted column.

    Args:
        held: the rows.
        groups: what its groups are called, in its order: the columns of `GROUP`.
        wanted: the columns.
        records: takes down how their rows depend on each other, if there is an order.

    Returns:
        The columns of `COUNTS`, by column and group.
    """
    if not wanted:
        return pl.DataFrame(schema=COUNTS)
    names, owners, texts, many = [], [], [], []
    for place, (column, places, _) in enumerate(sorted(wanted, key=lambda one: one.column)):
        coded = records is not None
        pieces = _pieces(*_of(held, column, places))
        found = [tallied(spelt(piece), own, coded) for piece, own in pieces]
        if records is not None:
            records.begin(column, places)
            for tally in found:
                records.codes(tally.codes, tally.texts, tally.many)
        owners.append(np.repeat(places, np.concatenate([tally.many for tally in found])))
        names.append(np.full(len(owners[-1]), place))
        texts += [tally.texts for tally in found]
        many += [tally.counts for tally in found]
    columns = pl.Series("column", sorted(one.column for one in wanted))
    return groups[np.concatenate(owners)].hstack(
        [
            columns[np.concatenate(names)],
            pl.concat(texts).alias("category"),
            pl.Series("count", np.concatenate(many)),
        ]
    )


def _of(held: Grouped, column: str, places: Ints) -> tuple[pl.Series, Ints]:
    """Return a column's rows in some of the groups, and how many each of these has."""
    rows, lengths = held.rows[column], held.lengths[places]
    if len(places) == len(held.lengths):
        return rows, lengths
    chosen = np.zeros(len(held.lengths), np.bool_)
    chosen[places] = True
    return rows.filter(pl.Series(np.repeat(chosen, held.lengths))), lengths


def _pieces(column: pl.Series, lengths: Ints) -> Iterator[tuple[pl.Series, Ints]]:
    """Cut a column where both its memory and a group end; many small pieces become one."""
    if len(column) < _WORTH * (column.n_chunks() - 1):
        column = column.rechunk()
    begins = np.append(0, np.cumsum(lengths))
    ends = np.cumsum([len(chunk) for chunk in column.get_chunks()])
    cuts = np.intersect1d(ends, begins[1:-1])
    first = start = 0
    for end, last in zip(
        [*cuts.tolist(), len(column)],
        [*np.searchsorted(begins, cuts).tolist(), len(lengths)],
        strict=True,
    ):
        yield column[start:end], lengths[first:last]
        start, first = end, last
