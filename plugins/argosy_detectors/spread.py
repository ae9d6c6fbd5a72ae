"""How far the values of a numeric column lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


# Squares of values that lie further apart, or closer by as much, are no longer exact.
LARGE = 1e100


@compiled
def spreads(
    values: NDArray[np.float64], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Compute the population standard deviation of each list, shape (rows,).

    Example:
        >>> spreads(np.array([1.0, 3.0, 7.0]), np.array([0, 2]), np.array([2, 1])).tolist()
        [1.0, 0.0]
    """
    found = np.zeros(len(lengths))
    for row in range(len(lengths)):
        size = lengths[row]
        if size == 0:
            continue
        sorted_values = values[starts[row] : starts[row] + size]
        # Constants must give zero, and the median is near enough to the mean to lose no digits.
        middle = sorted_values[size // 2]
        width = max(sorted_values[-1] - middle, middle - sorted_values[0])
        if width == 0:
            continue
        unit = width if width > LARGE or width < 1 / LARGE else 1.0
        total = squares = 0.0
        even = 0
        if unit == 1:  # four sums, because each addition waits for the one before it
            total_1 = total_2 = total_3 = squares_1 = squares_2 = squares_3 = 0.0
            even = size - size % 4
            for k in range(0, even, 4):
                off = sorted_values[k] - middle
                off_1 = sorted_values[k + 1] - middle
                off_2 = sorted_values[k + 2] - middle
                off_3 = sorted_values[k + 3] - middle
                total += off
                total_1 += off_1
                total_2 += off_2
                total_3 += off_3
                squares += off * off
                squares_1 += off_1 * off_1
                squares_2 += off_2 * off_2
                squares_3 += off_3 * off_3
            total += total_1 + total_2 + total_3
            squares += squares_1 + squares_2 + squares_3
        for k in range(even, size):
            off = (sorted_values[k] - middle) / unit
            total += off
            squares += off * off
        found[row] = unit * np.sqrt(max(squares / size - (total / size) ** 2, 0.0))
    return found
