"""The null of the L-infinity distance: how likely it is that any category deviates so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Deviations that are the same number differ by less, once rounded.
SAME = 1 - 1e-12
# A term that is smaller, compared with those that count, ends a sum.
NOTHING = 1e-17


@compiled
def largest_deviations(
    reference: NDArray[np.float64],
    current: NDArray[np.float64],
    ends: NDArray[np.int64],
    n: NDArray[np.float64],
    m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the largest difference of shares of each table, and how likely chance exceeds it.

    If both sides are drawn from the same rows, the current count of a category is
    hypergeometric. The probability that some category deviates as far as the furthest one did
    is at most the sum of theirs (Boole's inequality), and hardly less where it is small.

    Args:
        reference: counts of all tables, end to end.
        current: counts of all tables, end to end.
        ends: where each table's counts end, shape (tables,).
        n: reference rows of each table.
        m: current rows of each table.

    Returns:
        The largest absolute differences and their p-values, of shape (tables,).

    Example:
        >>> counts = np.array([8.0, 2.0]), np.array([3.0, 7.0])
        >>> distance, p = largest_deviations(*counts, *(np.array([x]) for x in (2, 10.0, 10.0)))
        >>> distance.round(3).tolist(), p.round(5).tolist()
        ([0.5], [0.06978])
    """
    distances = np.zeros(len(ends))
    p_values = np.ones(len(ends))
    start = 0
    for table in range(len(ends)):
        stop, before, after = ends[table], n[table], m[table]
        everyone = before + after
        furthest = 0.0
        for place in range(start, stop):
            off = abs(current[place] * before - reference[place] * after)
            furthest = max(furthest, off)
        bound = furthest * SAME
        p_value = 1.0 if bound == 0 else 0.0
        # Where there are two categories, one deviates as the other does.
        for place in range(start, stop - 1 if stop - start == 2 else stop):
            if p_value >= 1:
                break
            drawn = reference[place] + current[place]
            low, high = max(0.0, drawn - before), min(drawn, after)
            expected = drawn * after
            if max(high * everyone - expected, expected - low * everyone) < bound:
                continue
            mode = min(max(np.floor((drawn + 1) * (after + 1) / (everyone + 2)), low), high)
            total = 1.0
            tail = 1.0 if abs(mode * everyone - expected) >= bound else 0.0
            weight, k = 1.0, mode
            while k < high and weight > tail * NOTHING:
                weight *= (after - k) * (drawn - k) / ((k + 1) * (before - drawn + k + 1))
                k += 1
                total += weight
                tail += weight if k * everyone - expected >= bound else 0.0
            weight, k = 1.0, mode
            while k > low and weight > tail * NOTHING:
                weight *= k * (before - drawn + k) / ((after - k + 1) * (drawn - k + 1))
                k -= 1
                total += weight
                tail += weight if expected - k * everyone >= bound else 0.0
            p_value += tail / total
        p_values[table] = min(1.0, p_value)
        distances[table] = furthest / max(1.0, before) / max(1.0, after)
        start = stop
    return distances, p_values
