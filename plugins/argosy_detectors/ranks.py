"""Where the deciles of the reference lie among the values of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@compiled
def ranks(
    before: NDArray[np.float64],
    before_starts: Ints,
    before_lengths: Ints,
    after: NDArray[np.float64],
    after_starts: Ints,
    after_lengths: Ints,
) -> tuple[Ints, Ints]:
    """Count the values of both sides that are less than each decile of the reference.

    The j-th decile is the reference value that has j tenths of the sorted reference before it,
    ties aside.

    Returns:
        The counts of the reference and those of the current side, each of shape (rows, 9); zeros
        where a side is empty, and where nothing of the reference is less.

    Example:
        >>> start = np.zeros(1, int)
        >>> both = ranks(
        ...     np.array([0.0, 0, 0, 1, 1]), start, np.array([5]),
        ...     np.array([-9.0, 1, 2]), start, np.array([3]),
        ... )
        >>> both[0].tolist(), both[1].tolist()
        ([[0, 0, 0, 0, 0, 3, 3, 3, 3]], [[0, 0, 0, 0, 0, 1, 1, 1, 1]])
    """
    rows = len(before_lengths)
    own, other = np.zeros((rows, 9), np.int64), np.zeros((rows, 9), np.int64)
    for row in range(rows):
        n, m = before_lengths[row], after_lengths[row]
        if n == 0 or m == 0:
            continue
        x = before[before_starts[row] : before_starts[row] + n]
        y = after[after_starts[row] : after_starts[row] + m]
        passed = 0
        for tenth in range(1, 10):
            rank = n * tenth // 10
            edge = x[rank]
            low, high = 0, rank
            if rank and x[rank - 1] < edge:
                low = rank
            while low < high:
                middle = (low + high) // 2
                if x[middle] < edge:
                    low = middle + 1
                else:
                    high = middle
            own[row, tenth - 1] = low
            if low == 0:
                continue
            size = m - passed
            while size > 0:  # without branches: the side on which a value lies is unforeseeable
                half = size // 2
                ahead = y[passed + half] < edge
                passed += (half + 1) * ahead
                size = size - half - 1 if ahead else half
            other[row, tenth - 1] = passed
    return own, other
