"""Sort the values of many groups, and thin those that are too many, without a loop over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST = 10_000
"""The most values of one side that are compared one by one; more are thinned to so many."""


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
