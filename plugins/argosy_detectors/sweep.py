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

    A merge without branches, because which side is next is as unforeseeable as a coin; and from
    both ends at once, because each step waits for the one before it. As many steps as the shorter
    side has values cannot run off either end.
    """
    rows = len(before_lengths)
    gaps = np.zeros(rows, np.int64)
    areas = np.zeros(rows)
    rank_areas = np.zeros(rows)
    longest = np.max(before_lengths + after_lengths) if rows else 0
    merged = np.empty(longest)
    taken = np.empty(longest, np.int64)  # how many reference values come before each value
    for row in range(rows):
        n, m = before_lengths[row], after_lengths[row]
        if n == 0 or m == 0:
            continue
        x = before[before_starts[row] : before_starts[row] + n]
        y = after[after_starts[row] : after_starts[row] + m]
        whole, safe = n + m, min(n, m)
        i = 0
        a, b = n, m
        for k in range(safe):
            j = k - i
            u, v = x[i], y[j]
            merged[k], taken[k] = min(u, v), i
            i += u <= v
            s, t = x[a - 1], y[b - 1]
            merged[whole - 1 - k] = max(s, t)
            down = s > t
            a -= down
            b -= 1 - down
            taken[whole - 1 - k] = a
        for k in range(safe, whole - safe):
            j = k - i
            up = j >= b or (i < a and x[i] <= y[j])
            merged[k], taken[k] = x[i] if up else y[j], i
            i += up
        steepest = total = 0
        area = 0.0
        tied = False
        for k in range(1, whole):
            width = merged[k] - merged[k - 1]
            steep = abs(taken[k] * whole - k * n)
            tied |= not width > 0
            steepest = max(steepest, steep)
            total += steep
            area += steep * width
        rank_area = float(total)
        if tied or not np.isfinite(area):
            # Inside a run of ties the path has not yet taken all its steps.
            steepest = settled = since = 0
            area = rank_area = 0.0
            for k in range(1, whole):
                width = merged[k] - merged[k - 1]
                if width > 0:
                    steep = abs(taken[k] * whole - k * n)
                    steepest = max(steepest, steep)
                    area += steep * width if steep else 0.0
                    rank_area += float(settled + steep) * (k - since)
                    settled, since = steep, k
            rank_area = (rank_area + float(settled) * (whole - since)) / 2
        gaps[row] = steepest
        areas[row] = area / n / m
        rank_areas[row] = rank_area / n / m / whole
    return gaps, areas, rank_areas
