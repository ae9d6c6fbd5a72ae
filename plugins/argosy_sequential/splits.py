"""Every way to split a course in two: the buckets up to one, and those after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Splits(NamedTuple):
    """What the two parts are, for each place to split; shapes (series, splits)."""

    gap: Floats
    """The mean of the later part less that of the earlier; 0 where either has no values."""
    parts: Floats
    """1 / values of the earlier part + 1 / values of the later; 1 where either has none."""

    def likeliest(self) -> NDArray[np.int64]:
        """Return where the means change with the greatest likelihood, shape (series,).

        Source: Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika
        58 (1971).
        """
        found: NDArray[np.int64] = np.argmax(np.square(self.gap) / self.parts, axis=1)
        return found


def splits(n: Floats, mean: Floats) -> Splits:
    """Split each series after each of its buckets but the last.

    Args:
        n: values per bucket, shape (series, buckets), at least two buckets.
        mean: their means.

    Example:
        >>> found = splits(np.array([[1.0, 1.0, 2.0]]), np.array([[0.0, 2.0, 3.0]]))
        >>> found.gap.round(3).tolist(), found.likeliest().tolist()
        ([[2.667, 2.0]], [0])
    """
    total, sums = np.cumsum(n, axis=1), np.cumsum(n * mean, axis=1)
    before, after = total[:, :-1], total[:, -1:] - total[:, :-1]
    whole = (before > 0) & (after > 0)
    first, last = np.where(whole, before, 2.0), np.where(whole, after, 2.0)
    gap = (sums[:, -1:] - sums[:, :-1]) / last - sums[:, :-1] / first
    return Splits(np.where(whole, gap, 0.0), 1 / first + 1 / last)
