"""Fisher's exact test of two shares, of many pairs at once."""

from __future__ import annotations

from math import exp, lgamma
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@compiled
def fisher(part: Ints, whole: Ints, other_part: Ints, other_whole: Ints) -> Floats:
    """Return the two-sided p-value of every pair of shares being one.

    It is the probability of all tables with the same margins that are no more probable than the
    one at hand. Terms are added from there outwards until they do not matter any more, on the other
    side from the first that is no more probable, which bisection finds.

    Args:
        part: how many rows the first share counts, shape (pairs,).
        whole: of how many rows.
        other_part: the same of the second share.
        other_whole: likewise.

    Source: Fisher, Journal of the Royal Statistical Society 98 (1935); the two-sided p-value and
    its tolerance of 1e-7 are those of SciPy and R.

    Example:
        >>> table = (np.array([one]) for one in (1, 10, 11, 14))
        >>> round(float(fisher(*table)[0]), 7)
        0.0027595
    """

    def chance(k: int, m: int, n: int, hits: int, same: float) -> float:
        """Return the logarithm of the probability that the first share counts k rows."""
        rest = lgamma(m - k + 1.0) + lgamma(hits - k + 1.0) + lgamma(n - hits + k + 1.0)
        return same - lgamma(k + 1.0) - rest

    found = np.empty(len(part))
    for pair in range(len(part)):
        m, n = whole[pair], other_whole[pair]
        hits = part[pair] + other_part[pair]
        low, high, x = max(0, hits - n), min(hits, m), part[pair]
        same = lgamma(m + 1.0) + lgamma(n + 1.0) + lgamma(hits + 1.0) + lgamma(m + n - hits + 1.0)
        same -= lgamma(m + n + 1.0)
        mode = min(max(int((hits + 1.0) * (m + 1.0) / (m + n + 2.0)), low), high)
        level = chance(x, m, n, hits, same) + 1e-7
        total = 0.0
        for side in range(2):
            up = (x >= mode) == (side == 0)  # first outwards on this side, then on the other
            k = x
            if side == 1:
                k, far = mode, (high if up else low)
                while k != far:  # look for the first beyond the mode that is no more probable
                    middle = (k + far) // 2 if up else -((-k - far) // 2)
                    if chance(middle, m, n, hits, same) <= level:
                        far = middle
                    else:
                        k = middle + 1 if up else middle - 1
                if k == x:
                    k += 1 if up else -1
            if k < low or k > high or chance(k, m, n, hits, same) > level:
                continue
            term = exp(chance(k, m, n, hits, same))
            while True:
                total += term
                if up:
                    term *= (m - k) / (k + 1.0) * ((hits - k) / (n - hits + k + 1.0))
                    k += 1
                else:
                    term *= k / (m - k + 1.0) * ((n - hits + k) / (hits - k + 1.0))
                    k -= 1
                if k < low or k > high or term < 1e-17 * total:
                    break
        found[pair] = min(total, 1.0)
    return found
