"""The null of the share of rows in categories that only one side has."""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Any exponent gives a valid bound, so the best one need not be found to the last digit.
HALVINGS = 40


@compiled
def tail_bound(
    totals: NDArray[np.float64],
    ends: NDArray[np.int64],
    seen: NDArray[np.float64],
    own: NDArray[np.float64],
    other: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Bound the probability that as many rows are in categories that one side has alone.

    If both sides are drawn from the same rows, all c rows of a category fall on the side of `own`
    rows with probability C(own, c) / C(own + other, c). These events are negatively associated,
    so their weighted sum has Chernoff's bound as if they were independent. Categories of more
    rows than were seen are taken out first and their probabilities added: one of them suffices.
    The bound is exact where all categories that are small enough are the side's alone, as when
    one new category appears among common ones.

    Args:
        totals: rows of each category on both sides, of all tables, end to end.
        ends: where each table's categories end, shape (tables,).
        seen: rows in categories that the side has alone, shape (tables,).
        own: rows of that side, shape (tables,).
        other: rows of the other side, shape (tables,).

    Returns:
        p-values of shape (tables,).

    Source: Chernoff, Annals of Mathematical Statistics 23 (1952); Joag-Dev and Proschan,
    "Negative association of random variables", Annals of Statistics 11 (1983).

    Example:
        >>> tail_bound(np.array([13.0, 4.0]), *(np.array([x]) for x in (2, 4.0, 8.0, 9.0))).round(4)
        array([0.0294])
    """
    p_values = np.ones(len(ends))
    start = 0
    for table in range(len(ends)):
        stop, rows, size = ends[table], seen[table], own[table]
        everyone = size + other[table]
        first, start = start, stop
        if rows == 0:
            continue
        larger = 0.0
        small = np.empty(stop - first)
        chances = np.empty(stop - first)
        count = 0
        together = best = 0.0
        for place in range(first, stop):
            c = totals[place]
            if c > size:
                continue
            chance = lgamma(size + 1) - lgamma(size - c + 1)
            chance += lgamma(everyone - c + 1) - lgamma(everyone + 1)
            if c > rows:
                larger += np.exp(chance)
            else:
                small[count], chances[count] = c, min(chance, 0.0)
                count += 1
                together += c
        if together <= rows:
            p_values[table] = min(1.0, larger + np.exp(chances[:count].sum()))
            continue
        # The mean of the tilted distribution says on which side of the best exponent we are.
        low, high, exponent, halvings = 0.0, np.inf, 0.0, 0
        while halvings < HALVINGS:
            mean = bound = 0.0
            for place in range(count):
                absent = np.log1p(-np.exp(chances[place]))
                present = chances[place] + exponent * small[place]
                peak = max(absent, present)
                bound += peak + np.log(np.exp(absent - peak) + np.exp(present - peak))
                mean += small[place] / (1 + np.exp(absent - present))
            best = min(best, bound - exponent * rows)
            if mean >= rows:
                high = exponent
            else:
                low = exponent
            if high == 0:
                break
            exponent = (low + high) / 2 if high < np.inf else 2 * low + 1
            halvings += high < np.inf
        p_values[table] = min(1.0, larger + np.exp(best))
    return p_values
