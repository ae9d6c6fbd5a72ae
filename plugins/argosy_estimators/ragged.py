"""Lists of many models, end to end: side by side, in blocks, sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import Ragged, ragged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

BLOCK = 1 << 18
"""Some megabytes at a time: the work stays near the processor's cache, whatever the chunk."""


def beside(column: pa.ChunkedArray, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Flatten a column of lists that belong to rows of these lengths; NaN where a list is null.

    Example:
        >>> import pyarrow as pa
        >>> beside(pa.chunked_array([[None, [3.0]]]), np.array([2, 1])).tolist()
        [nan, nan, 3.0]
    """
    own = ragged(column)
    if np.array_equal(own.lengths, lengths):
        return own.values
    there = own.lengths == lengths
    found = np.full(int(lengths.sum()), np.nan)
    found[np.repeat(there, lengths)] = own.values[np.repeat(there, own.lengths)]
    return found


def lists(values: NDArray[np.float64], lengths: NDArray[np.int64]) -> pa.LargeListArray:
    """Turn flat values into one list per model.

    Example:
        >>> lists(np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1])).to_pylist()
        [[1.0, 2.0], [], [3.0]]
    """
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return pa.LargeListArray.from_arrays(pa.array(ends), pa.array(values))


def blocks(lengths: NDArray[np.int64]) -> Iterator[slice]:
    """Cut the models into runs of at most `BLOCK` rows, or of one model.

    Example:
        >>> list(blocks(np.array([BLOCK, 1, 2])))
        [slice(0, 1, None), slice(1, 3, None)]
    """
    ends = np.cumsum(lengths)
    start = 0
    while start < len(lengths):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + BLOCK, "right")))
        yield slice(start, stop)
        start = stop


def order(lists: Ragged) -> NDArray[np.int64]:
    """Find the order that sorts every list, equal elements as they came.

    Example:
        >>> order(Ragged.of(np.array([3.0, 1.0, 2.0, 0.0]), np.array([2, 2]))).tolist()
        [1, 0, 3, 2]
    """
    by_value = np.argsort(lists.values, kind="stable")
    # Sixteen bits sort in linear time; a block never has more models than rows.
    narrow = np.uint16 if len(lists.lengths) < 1 << 16 else np.int64
    owners = lists.owners.astype(narrow)[by_value]
    found: NDArray[np.int64] = by_value[np.argsort(owners, kind="stable")]
    return found
