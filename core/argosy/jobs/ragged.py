"""Values of many groups, end to end in one flat array: as lists, sorted, without missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


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
        values: the groups' values, end to end, sorted within each as `sort_within` does.
        lengths: how many values each group has.

    Returns:
        The other values and how many each group has of them.

    Example:
        >>> [found.tolist() for found in known(np.array([1.0, np.nan, 2.0]), np.array([2, 1]))]
        [[1.0, 2.0], [1, 1]]
    """
    filled = lengths > 0
    ends = np.cumsum(lengths)[filled]
    if not np.isnan(values[ends - 1]).any():
        return values, lengths
    missing = np.isnan(values)
    many = lengths.copy()
    many[filled] -= np.add.reduceat(missing, ends - lengths[filled], dtype=np.int64)
    return values[~missing], many


def sums(values: NDArray[Any], lengths: Ints) -> NDArray[Any]:
    """Add up each group's values; of truths, count them. Hashes wrap.

    Example:
        >>> sums(np.array([True, False, True]), np.array([2, 0, 1])).tolist()
        [1, 0, 1]
    """
    kind = np.int64 if values.dtype == np.bool_ else values.dtype
    found = np.zeros(len(lengths), kind)
    filled = lengths > 0
    if filled.any():
        starts = (np.cumsum(lengths) - lengths)[filled]
        found[filled] = np.add.reduceat(values, starts, dtype=kind)
    return found
