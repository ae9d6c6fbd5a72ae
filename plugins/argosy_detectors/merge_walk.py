"""One walk along both sorted sides of every numeric row.

Let the path of a row climb by the number m of current values at each reference value, and fall by
the number n of reference values at each current one: divided by n m, its height is the
difference between the two empirical distribution functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    both ends of both halves at once, because each step waits for the one before it. As many steps
    as the shorter side has values in a half cannot run off either end of it. Where values are
    tied, or not finite, the row is walked again, from one distinct value to the next.
    """
    rows = len(before_lengths)
    gaps = np.zeros(rows, np.int64)
    areas = np.zeros(rows)
    rank_areas = np.zeros(rows)
    for row in range(rows):
        n, m = before_lengths[row], after_lengths[row]
        if n == 0 or m == 0:
            continue
        x = before[before_starts[row] : before_starts[row] + n]
        y = after[after_starts[row] : after_starts[row] + m]
        whole = n + m
        # The half: i reference and j current values are among its smallest.
        half = whole // 2
        low, high = max(0, half - m), min(half, n)
        while low < high:
            i = (low + high) // 2
            if x[i] <= y[half - i - 1]:
                low = i + 1
            else:
                high = i
        i, j = low, half - low
        # Two walks down from the half and from the end, two up from the beginning and the half.
        i_0 = j_0 = climb_0 = 0
        a_1, b_1, climb_1 = i, j, i * whole - half * n
        up = j >= m or (i < n and x[i] <= y[j])
        last_2 = x[i] if up else y[j]
        last_1 = last_2
        i_2, j_2, climb_2 = i + up, j + 1 - up, climb_1 + (m if up else -n)
        a_3, b_3, climb_3 = n, m, 0
        last_0 = min(x[0], y[0]) - 1.0
        last_3 = max(x[n - 1], y[m - 1]) + 1.0
        steepest = total_0 = total_1 = total_2 = total_3 = 0
        area_0 = area_1 = area_2 = area_3 = 0.0
        tied = False
        for _ in range(min(a_1, b_1, n - i_2, m - j_2)):
            u, v = x[i_0], y[j_0]
            up = u <= v
            value = min(u, v)
            width, steep = value - last_0, abs(climb_0)
            last_0 = value
            tied |= not width > 0
            steepest = max(steepest, steep)
            total_0 += steep
            area_0 += steep * width
            i_0 += up
            j_0 += 1 - up
            climb_0 += m if up else -n

            u, v = x[a_1 - 1], y[b_1 - 1]
            up = u > v
            value = max(u, v)
            width, steep = last_1 - value, abs(climb_1)
            last_1 = value
            tied |= not width > 0
            steepest = max(steepest, steep)
            total_1 += steep
            area_1 += steep * width
            a_1 -= up
            b_1 -= 1 - up
            climb_1 -= m if up else -n

            u, v = x[i_2], y[j_2]
            up = u <= v
            value = min(u, v)
            width, steep = value - last_2, abs(climb_2)
            last_2 = value
            tied |= not width > 0
            steepest = max(steepest, steep)
            total_2 += steep
            area_2 += steep * width
            i_2 += up
            j_2 += 1 - up
            climb_2 += m if up else -n

            u, v = x[a_3 - 1], y[b_3 - 1]
            up = u > v
            value = max(u, v)
            width, steep = last_3 - value, abs(climb_3)
            last_3 = value
            tied |= not width > 0
            steepest = max(steepest, steep)
            total_3 += steep
            area_3 += steep * width
            a_3 -= up
            b_3 -= 1 - up
            climb_3 -= m if up else -n
        for part in range(2):
            i, j, climb, last = i_0, j_0, climb_0, last_0
            a, b, end = a_1, b_1, last_1
            if part:
                i, j, climb, last = i_2, j_2, climb_2, last_2
                a, b, end = a_3, b_3, last_3
            while i < a or j < b:
                up = j >= b or (i < a and x[i] <= y[j])
                value = x[i] if up else y[j]
                width, steep = value - last, abs(climb)
                last = value
                tied |= not width > 0
                steepest = max(steepest, steep)
                total_0 += steep
                area_0 += steep * width
                i += up
                j += 1 - up
                climb += m if up else -n
            width, steep = end - last, abs(climb)
            tied |= not width > 0
            steepest = max(steepest, steep)
            total_0 += steep
            area_0 += steep * width
        area = (area_0 + area_1) + (area_2 + area_3)
        rank_area = float(total_0 + total_1 + total_2 + total_3)
        if tied or not np.isfinite(area):
            # Inside a run of ties the path has not yet taken all its steps.
            i = j = steepest = settled = since = climb = 0
            area = rank_area = last = 0.0
            while i < n or j < m:
                value = x[i] if j >= m or (i < n and x[i] <= y[j]) else y[j]
                steep, k = abs(climb), i + j
                steepest = max(steepest, steep)
                area += steep * (value - last) if steep else 0.0
                rank_area += float(settled + steep) * (k - since)
                settled, since, last = steep, k, value
                while i < n and x[i] == value:
                    i += 1
                while j < m and y[j] == value:
                    j += 1
                climb = i * whole - (i + j) * n
            rank_area = (rank_area + float(settled) * (whole - since)) / 2
        gaps[row] = steepest
        areas[row] = area / n / m
        rank_areas[row] = rank_area / n / m / whole
    return gaps, areas, rank_areas
