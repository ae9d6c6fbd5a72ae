"""Exact p-values of the Kolmogorov-Smirnov distance, by counting lattice paths."""

from __future__ import annotations

import numpy as np

from argosy.kernels import compiled


@compiled
def reaching(n: int, m: int, gap: int) -> float:
    """Probability that a random path from (0, 0) to (n, m) reaches a distance from the diagonal.

    A path is an order of n reference and m current values, all orders being equally likely. The
    cells within the distance are visited one by one, about twice `gap` of them, and each is the
    mean of its two predecessors; outside, the distance has been reached. Only positive numbers
    are added, so that tiny probabilities are as exact as large ones.

    Args:
        n: how many reference values there are, at least one.
        m: how many current values there are, at least one.
        gap: the distance times n m, a whole number.

    Source: Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för
    Matematik 3 (1958); Kim and Jennrich, Selected Tables in Mathematical Statistics 1 (1970).

    Example:
        >>> round(reaching(4, 4, 12), 4)
        0.2286
    """
    reached = np.ones(m + 1)
    for i in range(n + 1):
        # The cells of this row within the distance, |i m - j n| < gap.
        low = max(0, (i * m - gap) // n + 1)
        high = min(m, (i * m + gap - 1) // n)
        left = 1.0
        for j in range(low, high + 1):
            if i + j == 0:
                left = 0.0
            elif j == 0:
                left = reached[0]
            else:
                left = (i * reached[j] + j * left) / (i + j)
            reached[j] = left
    return float(reached[m])
