"""Counts of rows per bucket on two sides, for many columns at once, and their pooling.

A chi-squared distribution describes a table of counts only where the buckets are not too thin,
so neighbours are pooled until each expects a few rows. Which buckets are pooled is decided from
totals that are known under the null hypothesis, never from the difference between the sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import ragged, runs

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

LEAST = 5
"""Rows a bucket must expect on the smaller side (Cochran, Biometrics 10, 1954)."""


class Buckets(NamedTuple):
    """Many 2 x K tables of counts, end to end, without buckets that are empty on both sides."""

    owner: NDArray[np.int64]
    """The table each bucket belongs to, ascending."""
    reference: NDArray[np.float64]
    """Reference rows in the bucket."""
    current: NDArray[np.float64]
    """Current rows in the bucket."""
    tables: int
    """How many tables there are, those without buckets included."""

    def total(self, cells: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
        """Add up a number per bucket over each table, shape (tables,)."""
        return np.bincount(self.owner, cells, self.tables).astype(np.float64, copy=False)

    def sizes(self) -> NDArray[np.int64]:
        """How many buckets each table has, shape (tables,)."""
        return np.bincount(self.owner, minlength=self.tables)


def levels(table: pa.Table) -> Buckets:
    """Read the categories of each row of a table.

    Args:
        table: with `ref_counts` and `cur_counts`, lists of equal lengths.

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"ref_counts": [[4, 0, 2]], "cur_counts": [[3, 0, 0]]})
        >>> levels(table).current.tolist()
        [3.0, 0.0]
    """
    reference, current = ragged(table["ref_counts"]), ragged(table["cur_counts"])
    owner = np.repeat(np.arange(table.num_rows), reference.lengths)
    seen = reference.values + current.values > 0
    return Buckets(owner[seen], reference.values[seen], current.values[seen], table.num_rows)


def merged(buckets: Buckets, heads: NDArray[np.bool_]) -> Buckets:
    """Add up every run of buckets that starts at a head.

    Args:
        buckets: the counts.
        heads: one per bucket; the first bucket of every table is one.

    Returns:
        One bucket per head.

    Example:
        >>> table = Buckets(np.zeros(3, int), np.arange(3.0), np.ones(3), 1)
        >>> merged(table, np.array([True, False, True])).reference.tolist()
        [1.0, 2.0]
    """
    first = np.flatnonzero(heads)
    if len(first) in (0, len(heads)):
        return buckets
    return Buckets(
        buckets.owner[first],
        runs(buckets.reference, first),
        runs(buckets.current, first),
        buckets.tables,
    )


def heads(
    buckets: Buckets, weight: NDArray[np.float64], tau: NDArray[np.float64] | float = 1.0
) -> NDArray[np.bool_]:
    """Choose where merged buckets start, so that each expects `LEAST` rows on the smaller side.

    Args:
        buckets: the counts, in the order that makes neighbours.
        weight: positive whole numbers, one per bucket: the share of its table's weight is the
            share of rows that the bucket expects.
        tau: how many rows of each table count as one.

    Returns:
        One per bucket. A table with too few rows for two buckets has one head.

    Example:
        >>> thin = Buckets(np.zeros(4, int), np.full(4, 3.0), np.full(4, 4.0), 1)
        >>> heads(thin, thin.reference).tolist()
        [True, False, True, False]
    """
    sizes = buckets.sizes()
    smaller = np.minimum(buckets.total(buckets.reference), buckets.total(buckets.current))
    need = np.ceil(LEAST * tau * buckets.total(weight) / np.maximum(smaller, 1))
    thin = buckets.total(weight < need[buckets.owner]) > 0
    chosen = ~thin[buckets.owner]
    if not thin.any():
        return chosen
    reached = np.cumsum(weight)
    ends = np.cumsum(sizes)
    rows = np.flatnonzero(thin)
    at = ends[rows] - sizes[rows]
    # Each round closes one group in every table that has rows enough for another.
    while len(rows):
        chosen[at] = True
        at = np.searchsorted(reached, reached[at] - weight[at] + need[rows]) + 1
        more = at < ends[rows]
        rows, at = rows[more], at[more]
        enough = reached[ends[rows] - 1] - reached[at - 1] >= need[rows]
        rows, at = rows[enough], at[enough]
    # Thin buckets that only a full one completed rather join the group before them.
    first = np.flatnonzero(chosen)
    last = np.append(first[1:], len(chosen))[: len(first)] - 1
    completed = (last > first) & (weight >= need[buckets.owner])[last]
    stray = completed & np.append(False, np.diff(buckets.owner[first]) == 0)[: len(first)]
    chosen[first[stray]] = False
    chosen[last[stray]] = True
    return chosen


def pooled_levels(
    levels: Buckets, tau: NDArray[np.float64] | float = 1.0
) -> tuple[Buckets, NDArray[np.bool_]]:
    """Merge rare categories, the rarest first.

    Args:
        levels: the counts of each category.
        tau: how many rows of each table count as one.

    Returns:
        The merged counts, and for each table whether it is too sparse for a chi-squared
        distribution: then its two buckets are all other categories and the most common one.

    Example:
        >>> flag = Buckets(np.zeros(3, int), np.array([1.0, 98, 1]), np.array([0.0, 90, 0]), 1)
        >>> both, sparse = pooled_levels(flag)
        >>> both.reference.tolist(), sparse.tolist()
        ([2.0, 98.0], [True])
    """
    together = levels.reference + levels.current
    order = np.lexsort((together, levels.owner))
    ranked = levels._replace(reference=levels.reference[order], current=levels.current[order])
    chosen = heads(ranked, together[order], tau)
    sparse = (levels.sizes() > 1) & (ranked.total(chosen) < 2)
    last = np.append(ranked.owner[1:] != ranked.owner[:-1], True)
    chosen |= last[: len(chosen)] & sparse[ranked.owner]
    return merged(ranked, chosen), sparse
