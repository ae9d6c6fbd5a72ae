"""Fisher's exact test of many 2 x 2 tables at once."""

from __future__ import annotations

from math import lgamma, log, pi
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Counts = NDArray[np.int64] | NDArray[np.float64]
    Floats = NDArray[np.float64]

# Tables that are equally likely differ by less in their computed log-probabilities.
SAME = 1e-10
FEW = 16


def fisher(hits: Counts, rows: Counts, other_hits: Counts, other_rows: Counts) -> Floats:
    """Two-sided p-values: the probability of all tables no likelier than the one seen.

    A hypergeometric distribution rises to its mode and falls after it, so those tables are two
    tails. A binary search finds where each starts, and each is summed from there until its
    terms cannot matter: nine standard deviations and forty tables.

    Args:
        hits: rows of one side that have some property, shape (tables,).
        rows: rows of that side, shape (tables,).
        other_hits: the same for the other side.
        other_rows: the same for the other side.

    Returns:
        p-values of shape (tables,).

    Source: Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society
    98 (1935).

    Example:
        >>> fisher(np.array([1]), np.array([9]), np.array([11]), np.array([15])).round(6)
        array([0.009423])
    """
    n, m = rows.astype(np.int64), other_rows.astype(np.int64)
    drawn = hits.astype(np.int64) + other_hits.astype(np.int64)
    everyone = np.arange(len(n))
    margins = _excess(n) + _excess(m) + _excess(drawn) + _excess(n + m - drawn) - _excess(n + m)
    share = drawn / np.maximum(n + m, 1)

    def log_probability(hits: NDArray[np.int64], of: NDArray[np.int64]) -> Floats:
        result: Floats = margins[of]
        for side, taken in ((n[of], hits), (m[of], drawn[of] - hits)):
            for count, rate in ((taken, share[of]), (side - taken, 1 - share[of])):
                result -= _excess(count) + _deviance(count, side * rate)
        return result

    low, high = np.maximum(drawn - m, 0), np.minimum(drawn, n)
    mode = ((drawn + 1) * (n + 1)) // (n + m + 2)
    seen = log_probability(hits.astype(np.int64), everyone) + SAME
    left = mode - _steps(lambda k: log_probability(mode - k, everyone) <= seen, mode - low)
    right = mode + _steps(lambda k: log_probability(mode + k, everyone) <= seen, high - mode)
    spread = np.sqrt(share * (1 - share) * n * (m / np.maximum(n + m, 1)))
    reach = (9 * spread).astype(np.int64) + 40
    p_value = np.zeros(len(n))
    for first, last in (
        (np.maximum(low, left - reach), left),
        (right, np.minimum(high, right + reach)),
    ):
        lengths = np.maximum(last - first + 1, 0)
        of = np.repeat(everyone, lengths)
        places = np.arange(len(of)) - np.repeat(np.cumsum(lengths) - lengths - first, lengths)
        p_value += np.bincount(of, np.exp(log_probability(places, of)), len(n))
    return np.where(left >= right, 1.0, np.minimum(p_value, 1.0))


def _steps(
    arrived: Callable[[NDArray[np.int64]], NDArray[np.bool_]], most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many steps away from the mode a tail starts: one more than the most if nowhere."""
    few, many = np.zeros_like(most), most + 1
    while (few < many).any():
        middle = (few + many) // 2
        there = arrived(np.minimum(middle, most)) | (middle > most)
        few, many = np.where(there, few, middle + 1), np.where(there, middle, many)
    return few


# log k! is k log k - k and a small excess. The large terms of the nine factorials of a table
# cancel but for its deviance from expectation, so nothing is lost with millions of rows.
_SMALL = np.array([0.0] + [lgamma(k + 1) - k * log(k) + k for k in range(1, FEW + 1)])


def _excess(count: NDArray[np.int64]) -> Floats:
    """Stirling's series, log k! - k log k + k."""
    k = np.maximum(count, FEW).astype(np.float64)
    square = k * k
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / k
    large: Floats = 0.5 * np.log(2 * pi * k) + series
    return np.where(count <= FEW, _SMALL[np.minimum(count, FEW)], large)


def _deviance(count: NDArray[np.int64], expected: Floats) -> Floats:
    """Compute k log(k / e) - k + e, also where both are large and close."""
    k = np.maximum(count, 1)
    off = (expected - count) / k
    return np.where(count == 0, expected, k * (off - np.log1p(off)))
