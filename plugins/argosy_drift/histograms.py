"""Thin the values of groups that are too large, or keep them as counts on fixed edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST = 10_000
"""The most values of one side that are compared one by one; more are thinned to so many."""


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
    totals = sums(counts, sizes)
    kept = np.minimum(totals, most)
    within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    rank = (2 * within + 1) * np.repeat(totals, kept) // (2 * np.repeat(kept, kept))
    rank += np.repeat(np.cumsum(totals) - totals, kept)
    return edges[np.searchsorted(np.cumsum(counts), rank, "right")], kept
