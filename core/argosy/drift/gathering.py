"""Gather the values of columns by group: sorted numbers, and counts of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.drift.condensing import MOST, condensed, expanded
from argosy.drift.tallying import tallied
from argosy.jobs.ragged import lists, room
from argosy.jobs.windows import LABELS
from argosy.kernels import ascending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.jobs.grouping import Grouped

    Ints = NDArray[np.int64]
    Wanted = tuple[str, Ints]
    """A column, and the places of the groups that want it, ascending."""

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


def numbers(held: Grouped, groups: pl.DataFrame, wanted: Sequence[Wanted]) -> pl.DataFrame:
    """Sort the values of every wanted numeric column, all in one flat array.

    Args:
        held: the rows.
        groups: what its groups are called, in its order: the columns of `GROUP`.
        wanted: the columns.

    Returns:
        The columns of `NUMERIC`, by column and group.
    """
    sizes = [int(held.lengths[places].sum()) for _, places in wanted]
    flat, unsorted = room(sum(sizes)), room(max(sizes, default=0))
    parts, end = [pl.DataFrame(schema=NUMERIC).drop("values", "weights")], 0
    lengths_of: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for column, places in sorted(wanted, key=lambda pair: pair[0]):
        rows, lengths = _of(held, column, places)
        block = unsorted[: len(rows)]
        fill(block, rows)
        many = ascending(block, np.cumsum(lengths) - lengths, lengths, flat[end:])
        end += int(many.sum())
        lengths_of.append(many)
        parts.append(
            groups[places].with_columns(
                pl.lit(column).alias("column"),
                pl.Series("n", lengths),
                pl.Series("nulls", lengths - many),
            )
        )
    return pl.concat(parts).hstack(_listed(flat[:end], np.concatenate(lengths_of)))


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
    kind = column.dtype
    if kind in (pl.Date, pl.Datetime):
        column = column.cast(pl.Datetime("us"))
    elif kind == pl.Duration:
        column = column.cast(pl.Duration("us"))
    if kind.is_temporal():
        column = column.to_physical()
    start = 0
    for chunk in column.get_chunks():
        block[start : start + len(chunk)] = chunk.cast(pl.Float64).fill_null(np.nan).to_numpy()
        start += len(chunk)


def category(column: pl.Series) -> pl.Series:
    """Write values as text, equal ones alike: 1 and 1.0; NaN as missing, odd bytes in hex."""
    if column.dtype == pl.Duration:
        column = column.cast(pl.Duration("us")).to_physical()
    if column.dtype == pl.Binary:
        text = column.cast(pl.String, strict=False)
        return text.zip_with(text.is_not_null(), column.bin.encode("hex"))
    if column.dtype.is_decimal():
        column = column.cast(pl.Float64)
    if not column.dtype.is_float():
        return column.cast(pl.String)
    known = column.fill_nan(None)
    whole = known.cast(pl.Int64, strict=False)
    return whole.cast(pl.String).zip_with(
        (whole.cast(column.dtype) == known).fill_null(value=False), known.cast(pl.String)
    )


def counts(held: Grouped, groups: pl.DataFrame, wanted: Sequence[Wanted]) -> pl.DataFrame:
    """Count the categories of every wanted column.

    Args:
        held: the rows.
        groups: what its groups are called, in its order: the columns of `GROUP`.
        wanted: the columns.

    Returns:
        The columns of `COUNTS`, by column and group.
    """
    names, owners, texts, many = [], [np.zeros(0, np.int64)], [], [np.zeros(0, np.int64)]
    for column, places in sorted(wanted, key=lambda pair: pair[0]):
        rows, lengths = _of(held, column, places)
        found = tallied(category(rows), lengths)
        names.append(pl.repeat(column, len(found.texts), dtype=pl.String, eager=True))
        owners.append(np.repeat(places, found.many))
        texts.append(found.texts)
        many.append(found.counts)
    if not wanted:
        return pl.DataFrame(schema=COUNTS)
    return groups[np.concatenate(owners)].with_columns(
        pl.concat(names).alias("column"),
        pl.concat(texts).alias("category"),
        pl.Series("count", np.concatenate(many)),
    )


def _of(held: Grouped, column: str, places: Ints) -> tuple[pl.Series, Ints]:
    """Return a column's rows in some of the groups, and how many each of these has."""
    rows, lengths = held.rows[column], held.lengths[places]
    if len(places) == len(held.lengths):
        return rows, lengths
    chosen = np.zeros(len(held.lengths), np.bool_)
    chosen[places] = True
    return rows.filter(pl.Series(np.repeat(chosen, held.lengths))), lengths
