"""Which of many tests, looked at whenever one likes, are discoveries.

Benjamini-Hochberg on e-values (e-BH) rather than on always-valid p-values: it holds for e-values
that depend on each other in any way, and for tests each stopped at a time of its own that may
depend on the others, which is what a fleet under one dashboard is. BH on always-valid p-values
needs their independence, or a stopping rule that looks at no other test (Johari et al. 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def discovered(log_e: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Say which tests are discoveries, so that at most `level` of them are false on average.

    Of m tests the k with the largest e-values are, for the largest k that has all of them at
    m / (level k) or more. If a test is no longer fed once it is a discovery, it stays one at all
    later looks: k can only grow.

    Args:
        log_e: the logarithms of the e-values of the whole family; NaN where a test has none.
        level: the share of false discoveries that is tolerated.

    Source: Wang and Ramdas, "False discovery rate control with e-values", Journal of the Royal
    Statistical Society B 84 (2022).

    Example:
        >>> discovered(np.log([50.0, 45.0, 1.0, 0.2]), 0.05).tolist()
        [True, True, False, False]
        >>> discovered(np.log([50.0, 1.0, 1.0, 0.2]), 0.05).tolist()
        [False, False, False, False]
    """
    known = np.where(np.isnan(log_e), -np.inf, log_e)
    ranked = np.sort(known)[::-1]
    needed = np.log(max(len(known), 1) / level) - np.log(np.arange(1, len(known) + 1))
    passed = np.flatnonzero(ranked >= needed)
    found: NDArray[np.bool_] = (
        known >= needed[passed[-1]] if len(passed) else np.zeros(len(known), np.bool_)
    )
    return found
