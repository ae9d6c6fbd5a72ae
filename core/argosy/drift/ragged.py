"""Sort the values of many groups, and thin those that are too many, without a loop over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST = 10_000
"""The most values of one side that are compared one by one; more are thinned to so many."""


def lists(flat: NDArray[Any], lengths: Ints) -> pa.Array:
    """Return groups that lie end to end as a column of lists; nothing is copied.

    Example:
        >>> lists(np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1])).to_pylist()
        [[1.0, 2.0], [], [3.0]]
    """
    offsets = pa.array(np.append(0, np.cumsum(lengths)), pa.int64())
    return pa.LargeListArray.from_arrays(offsets, pa.array(flat))


def sort_within(values: Floats, lengths: Ints) -> None:
    """Sort each group's values, in place; NaN comes last.

    Neighbours of equal length are sorted in one call.

    Args:
        values: the groups' values, end to end.
        lengths: how many values each group has.

    Example:
        >>> values = np.array([3.0, 1.0, 2.0, np.nan, 0.0])
        >>> sort_within(values, np.array([2, 3])), values.tolist()
        (None, [1.0, 3.0, 0.0, 2.0, nan])
    """
    if not len(lengths):
        return
    heads = np.append(0, np.flatnonzero(np.diff(lengths)) + 1)
    starts = np.cumsum(lengths) - lengths
    for head, end in zip(heads, np.append(heads[1:], len(lengths)), strict=True):
        block = values[starts[head] : starts[end - 1] + lengths[end - 1]]
        block.reshape(end - head, lengths[head]).sort(axis=1)


def known(values: Floats, lengths: Ints) -> tuple[Floats, Ints]:
    """Leave out NaN.

    Args:
        values: the groups' values, end to end.
        lengths: how many values each group has.

    Returns:
        The other values and how many each group has of them.

    Example:
        >>> [found.tolist() for found in known(np.array([1.0, np.nan, 2.0]), np.array([2, 1]))]
        [[1.0, 2.0], [1, 1]]
    """
    missing = np.isnan(values)
    if not missing.any():
        return values, lengths
    ends = np.cumsum(lengths)
    before = np.append(0, np.cumsum(missing))
    return values[~missing], lengths - (before[ends] - before[ends - lengths])


def thinned(values: Floats, lengths: Ints, most: int = MOST) -> tuple[Floats, Ints]:
    """Keep evenly spaced quantiles of the groups that have too many sorted values.

    Args:
        values: the groups' sorted values, end to end.
        lengths: how many values each group has.
        most: how many a group may keep.

    Returns:
        The values kept, and how many each group has of them.

    Example:
        >>> [found.tolist() for found in thinned(np.arange(9.0), np.array([6, 3]), 3)]
        [[1.0, 3.0, 5.0, 6.0, 7.0, 8.0], [3, 3]]
    """
    if not (lengths > most).any():
        return values, lengths
    kept = np.minimum(lengths, most)
    starts = np.cumsum(lengths) - lengths
    within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    # the middle of each of `most` equal parts; every value where there are no more
    place = (2 * within + 1) * np.repeat(lengths, kept) // (2 * np.repeat(kept, kept))
    return values[np.repeat(starts, kept) + place], kept


def condensed(values: Floats, lengths: Ints, most: int = MOST) -> tuple[Floats, Ints, Ints]:
    """Turn groups that have too many sorted values into counts on fixed edges.

    The edges are the quantiles that `thinned` would keep, each once, and the count of an edge is
    how many values are at most that and above the edge before; the last is infinity. Counts of
    the same edges add up exactly, in any order.

    Args:
        values: the groups' sorted values, end to end.
        lengths: how many values each group has.
        most: how many a group may keep.

    Returns:
        The edges or values, their counts (each one where a group has few), and how many each
        group has of them.

    Example:
        >>> edges, counts, sizes = condensed(np.arange(9.0), np.array([6, 3]), 3)
        >>> edges.tolist(), counts.tolist(), sizes.tolist()
        ([1.0, 3.0, 5.0, inf, 6.0, 7.0, 8.0], [2, 2, 2, 0, 1, 1, 1], [4, 3])
    """
    edges, counts, sizes = [values[:0]], [lengths[:0]], lengths.copy()
    starts = np.cumsum(lengths) - lengths
    for group, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        own = values[start : start + length]
        if length > most:
            cuts = np.append(np.unique(thinned(own, lengths[group : group + 1], most)[0]), np.inf)
            counts.append(np.diff(np.searchsorted(own, cuts, "right"), prepend=0))
            edges.append(cuts)
            sizes[group] = len(cuts)
        else:
            counts.append(np.ones(length, np.int64))
            edges.append(own)
    return np.concatenate(edges), np.concatenate(counts), sizes


def expanded(edges: Floats, counts: Ints, sizes: Ints, most: int = MOST) -> tuple[Floats, Ints]:
    """Return the values that `condensed` stands for: what `thinned` would have kept.

    Args:
        edges: the groups' edges, end to end.
        counts: how many values belong to each.
        sizes: how many edges each group has.
        most: how many values a group may keep.

    Returns:
        The values kept, and how many each group has of them.

    Example:
        >>> few = condensed(np.arange(9.0), np.array([6, 3]), 3)
        >>> [found.tolist() for found in expanded(*few, 3)]
        [[1.0, 3.0, 5.0, 6.0, 7.0, 8.0], [3, 3]]
    """
    if (counts == 1).all():
        return edges, sizes
    totals = np.add.reduceat(np.append(counts, 0), np.cumsum(sizes) - sizes) * (sizes > 0)
    kept = np.minimum(totals, most)
    within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    rank = (2 * within + 1) * np.repeat(totals, kept) // (2 * np.repeat(kept, kept))
    rank += np.repeat(np.cumsum(totals) - totals, kept)
    return edges[np.searchsorted(np.cumsum(counts), rank, "right")], kept
