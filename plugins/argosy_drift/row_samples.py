"""Draw rows of each group, as numbers row after row: what detectors that see columns jointly need.

Of a group that has more than enough rows, one is drawn at random from each of so many equal parts,
so that the sample covers the group evenly and drawing costs nothing per row. The generator counts
from a key that is a digest of the group's name: chunks, executors and machines draw the same rows.
Where the binding names a timestamp or a cluster, rows are drawn, and stand, in that order.

A category is written as a digest of its text below 2**53, which is a whole number as float64 too;
it stands for the same text in every process, so that it can be kept.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels.values import spelt
from argosy_drift.column_values import GROUP, fill
from argosy_drift.dependence.row_records import order_of
from argosy_drift.features import unfit
from argosy_drift.row_blocks import in_turn
from argosy_drift.wide_numbers import less
from argosy_rows.flat_lists import lists
from argosy_rows.groups import grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.data.datasets import Dataset
    from argosy_drift.dependence.row_order import RowOrder
    from argosy_rows.groups import Grouped
    from argosy_rows.windows import WindowSpec

    Ints = NDArray[np.int64]

MOST = 1_000
"""The most rows of one side of one group that are compared."""
ROWS: dict[str, Any] = {
    **GROUP,
    "n": pl.Int64,
    "columns": pl.List(pl.String),
    "kinds": pl.List(pl.String),
    "bases": pl.List(pl.Float64),
    "rows": pl.List(pl.Float64),
    "share": pl.Float64,
}
"""The group, its `n` rows, the columns, their kinds and what is taken off their numbers, and a
sample, row after row.

`share` is which share of the rows was drawn, if those that depend on each other are neighbours;
null if nobody knows, or they cannot be (`argosy_drift.row_blocks`)."""


def sampled(
    datasets: Sequence[Dataset], wanted: pl.DataFrame, name: str, cut: WindowSpec
) -> pl.DataFrame:
    """Draw rows of one side of every group.

    Args:
        datasets: where the rows are.
        wanted: the `model`, `column`, `kind` and `measure` of what is compared.
        name: what the side is called; it is part of what the draw depends on.
        cut: how rows are cut into groups.

    Returns:
        The columns of `ROWS`. Columns that cannot be compared are left out, and so are groups
        without any: why is told where columns are compared one by one.
    """
    parts = [pl.DataFrame(schema=ROWS)]
    for dataset in datasets:
        if dataset.reason is not None:
            continue
        try:
            held = grouped(cut.rows(dataset), cut.by())
            order = order_of(held, dataset)
        except BadInput:  # told there, too
            continue
        parts += _drawn(held, order, cut.named(held.groups), _fit(dataset, wanted, name), name)
    return pl.concat(parts)


def merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put parts of a sample together; those of one group have the same rows, and other columns."""
    every = pl.concat([pl.DataFrame(schema=ROWS), *parts])
    again = pl.struct(list(GROUP)).is_duplicated()
    several = every.filter(again)
    if several.is_empty():
        return every
    wide = [_beside(part) for part in several.partition_by(list(GROUP), maintain_order=True)]
    return pl.concat([every.filter(~again), *wide])


def _beside(parts: pl.DataFrame) -> pl.DataFrame:
    """Put the columns of several samples of the same rows side by side, by name."""
    each = [
        np.asarray(rows).reshape(-1, len(columns))
        for rows, columns in parts.select("rows", "columns").rows()
    ]
    of_columns = ("columns", "kinds", "bases")
    names = parts.select(of_columns).explode(of_columns).with_row_index("place")
    names = names.sort("columns")
    whole = np.concatenate(each, axis=1)[:, names["place"].to_numpy()].reshape(-1)
    return parts.head(1).with_columns(
        pl.Series("columns", [names["columns"].to_list()]),
        pl.Series("kinds", [names["kinds"].to_list()]),
        pl.Series("bases", [names["bases"].to_list()], dtype=ROWS["bases"]),
        pl.Series("rows", lists(whole, np.array([len(whole)]))),
    )


def _fit(dataset: Dataset, wanted: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the lists `columns`, `kinds` and `bases` of every model that has any."""
    by = ["column", "kind", "measure"]
    mine = wanted.join(dataset.models.select("model"), on="model", how="semi")
    asked = mine.select(by).unique()
    types = dataset.rows.schema
    fits = [
        unfit(types.get(column), kind, measure, column, name) is None
        for column, kind, measure in asked.rows()
    ]
    return (
        mine.join(asked.filter(pl.Series(fits, dtype=pl.Boolean)), on=by, nulls_equal=True)
        .sort("model", "column")
        .group_by("model", maintain_order=True)
        .agg(columns="column", kinds="kind", bases="base")
    )


def _drawn(
    held: Grouped, order: RowOrder | None, groups: pl.DataFrame, columns: pl.DataFrame, name: str
) -> list[pl.DataFrame]:
    """Draw from the groups, those with the same columns together."""
    places = groups.with_row_index("place").join(columns, on="model", maintain_order="left")
    starts = np.cumsum(held.lengths) - held.lengths
    turns, together = np.zeros(0, np.int32), np.zeros(len(starts), np.bool_)
    if order is not None:
        turns, together = in_turn(order)
    # a list is no key; and no name of a column holds this character
    key = pl.concat_str(pl.col("columns", "kinds").list.join("\0"), separator="\0")
    found = []
    for part in places.with_columns(key=key).partition_by("key", maintain_order=True):
        chosen = part["place"].to_numpy()
        keys = _keys(part.select(pl.lit(name), *GROUP), held.lengths[chosen])
        rows, taken = picks(starts[chosen], held.lengths[chosen], keys)
        share = np.where(together[chosen], taken / held.lengths[chosen], np.nan)
        if len(turns):
            rows = np.repeat(starts[chosen], taken) + turns[rows].astype(np.int64)
        names, kinds = part["columns"][0].to_list(), part["kinds"][0].to_list()
        bases = part["bases"].explode().cast(pl.Float64).to_numpy().reshape(len(chosen), -1)
        matrix = _numbers(held.rows.select(names)[rows], kinds, np.repeat(bases, taken, axis=0))
        found.append(
            part.select(
                *GROUP,
                pl.Series("n", held.lengths[chosen]),
                "columns",
                "kinds",
                "bases",
                pl.Series("rows", lists(matrix.reshape(-1), taken * len(names))),
                pl.Series("share", share).fill_nan(None),
            )
        )
    return found


def _keys(names: pl.DataFrame, lengths: Ints) -> NDArray[np.uint64]:
    """Return a digest of every name; zero where nothing has to be drawn."""
    keys = np.zeros(len(lengths), np.uint64)
    for place in np.flatnonzero(lengths > MOST):
        keys[place] = _digest("\0".join(map(str, names.row(int(place)))))
    return keys


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def picks(
    starts: Ints, lengths: Ints, keys: NDArray[np.uint64], most: int = MOST
) -> tuple[Ints, Ints]:
    """Draw rows of every group: all, or one at random of each of `most` equal parts.

    Args:
        starts: where each group's rows begin.
        lengths: how many it has.
        keys: what its draw depends on.
        most: how many are drawn.

    Returns:
        The places of the rows, group after group, ascending; and how many each group has.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
    (2014), for the generator, SplitMix64.

    Example:
        >>> picks(np.array([0, 2]), np.array([2, 8]), np.array([0, 5], np.uint64), most=4)
        (array([0, 1, 2, 5, 6, 8]), array([2, 4]))
    """
    taken = np.minimum(lengths, most)
    part = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
    length, many = np.repeat(lengths, taken), np.repeat(taken, taken)
    low, high = part * length // many, (part + 1) * length // many
    mixed = np.repeat(keys, taken) + (part + 1).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    share = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
    return np.repeat(starts, taken) + low + (share * (high - low)).astype(np.int64), taken


def _numbers(
    rows: pl.DataFrame, kinds: Sequence[str], bases: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return rows as numbers less their bases, shape (rows, columns); missing values are NaN."""
    matrix = np.empty((rows.height, rows.width))
    block = np.empty(rows.height)
    for place, (column, kind) in enumerate(zip(rows, kinds, strict=True)):
        if kind == "numeric" and not np.isnan(bases[:, place]).all():
            block[:] = less(column, np.nan_to_num(bases[:, place])).to_numpy()
        elif kind == "numeric":
            fill(block, column)
        else:
            block[:] = _coded(spelt(column))
        matrix[:, place] = block
    return matrix


def _coded(text: pl.Series) -> NDArray[np.float64]:
    known = text.unique().drop_nulls()
    codes = [float(_digest(each) >> 11) for each in known]
    return text.replace_strict(known, codes, default=None, return_dtype=pl.Float64).to_numpy()
