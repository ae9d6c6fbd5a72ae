"""One walk along both sorted sides of every numeric row, for all that compares distributions.

Let the path of a row climb by the number m of current values at each reference value, and fall by
the number n of reference values at each current one: divided by n m, its height is the
difference between the two empirical distribution functions. Its greatest height is the
Kolmogorov-Smirnov distance, the area under it along the values is the Wasserstein distance, and
the area under it along the ranks has a distribution that does not depend on the values'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import compiled
from argosy_detectors.shared import shared
from argosy_detectors.sides import sides

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class Sweep(NamedTuple):
    """What the walk found, one element per row; zeros where a side is empty."""

    n: NDArray[np.int64]
    """How many reference values there are."""
    m: NDArray[np.int64]
    """How many current values there are."""
    gap: NDArray[np.int64]
    """The greatest height of the path."""
    area: NDArray[np.float64]
    """The area under the path's absolute height along the values, divided by n m."""
    rank_area: NDArray[np.float64]
    """The same along the ranks, divided by n m (n + m); straight lines across ties."""


@shared
def swept(table: pa.Table) -> Sweep:
    """Walk along all rows of a table.

    Args:
        table: with the sorted lists `reference` and `current`.

    Returns:
        One element per row. The area is infinite or NaN where one side has more infinite values
        than the other; the gap takes them as they are.

    Example:
        >>> import pyarrow as pa
        >>> found = swept(pa.table({"reference": [[0.0, 1.0]], "current": [[1.0, 5.0]]}))
        >>> int(found.gap[0]), float(found.area[0]), float(found.rank_area[0])
        (2, 2.5, 0.375)
    """
    reference, current = sides(table)
    return Sweep(reference.lengths, current.lengths, *walk(*reference, *current))


@compiled
def walk(
    before: NDArray[np.float64],
    before_starts: NDArray[np.int64],
    before_lengths: NDArray[np.int64],
    after: NDArray[np.float64],
    after_starts: NDArray[np.int64],
    after_lengths: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute the greatest height and both areas, each of shape (rows,).

    A merge without branches, because which side is next is as unforeseeable as a coin.
    """
    rows = len(before_lengths)
    gaps = np.zeros(rows, np.int64)
    areas = np.zeros(rows)
    rank_areas = np.zeros(rows)
    longest = np.max(before_lengths + after_lengths) if rows else 0
    merged = np.empty(longest)
    heights = np.empty(longest, np.int64)  # of the path on its way to the value
    for row in range(rows):
        n, m = before_lengths[row], after_lengths[row]
        if n == 0 or m == 0:
            continue
        x = before[before_starts[row] : before_starts[row] + n]
        y = after[after_starts[row] : after_starts[row] + m]
        i = j = height = 0
        while i < n and j < m:
            u, v = x[i], y[j]
            merged[i + j] = min(u, v)
            heights[i + j] = height
            up = u <= v
            i += up
            j += 1 - up
            height += m if up else -n
        for k in range(i, n):
            merged[k + m], heights[k + m] = x[k], (k - n) * m
        for k in range(j, m):
            merged[k + n], heights[k + n] = y[k], (m - k) * n
        gap = settled = since = 0
        area = rank_area = 0.0
        for k in range(1, n + m):
            width = merged[k] - merged[k - 1]
            # Inside a run of ties the path has not yet taken all its steps.
            if width > 0:
                steep = abs(heights[k])
                gap = max(gap, steep)
                area += steep * width if steep else 0.0
                rank_area += float(settled + steep) * (k - since)
                settled, since = steep, k
        gaps[row] = gap
        areas[row] = area / n / m
        rank_areas[row] = (rank_area + float(settled) * (n + m - since)) / 2 / n / m / (n + m)
    return gaps, areas, rank_areas
