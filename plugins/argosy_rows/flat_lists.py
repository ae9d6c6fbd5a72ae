"""Values of many groups, end to end in one flat array, as lists."""

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


def room(many: int) -> Floats:
    """Return an array to be written, in memory that Arrow keeps from one chunk for the next.

    Memory that is new to the process costs more than what is written to it: the system clears
    every page first.

    Example:
        >>> room(3).shape
        (3,)
    """
    return np.frombuffer(pa.allocate_buffer(8 * many), np.float64)
