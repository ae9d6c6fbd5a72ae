"""Cut the windows in two where their means differ most clearly: ADWIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across
from argosy.types import Detector
from argosy_sequential.answer import Found, answer
from argosy_sequential.splits import splits

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def measure(table: pa.Table) -> pa.Table:
    """Look for the cut between two windows, or the reference and the first, that is the clearest.

    The statistic is the difference of the means after and before the cut, the effect its absolute
    value in standard deviations of the reference, or, of a share, in halves. The p-value is the
    smallest δ at which ADWIN cuts.

    Args:
        table: course rows, as `argosy.types.Detector` says.

    Returns:
        One row per row of the table; `detail` names the windows with which it changed, all of them.

    Source: Bifet and Gavaldà, "Learning from time-changing data with adaptive windowing", SIAM
    International Conference on Data Mining (2007).

    Example:
        >>> from argosy.testing.columns import sampled
        >>> measure(sampled("course", moved=True))["detail"][0].as_py()
        "its mean changed with '2026-01-07'"
    """
    return answer(table, cuts)


def cuts(n: Floats, mean: Floats, variance: Floats, reach: Floats) -> Found:
    """Find the clearest cut of each series.

    A window W of N values is cut into the first n₀ and the last n₁ where their means differ by
    more than √(2 v L / m) + 2 R L / 3m, with 1/m = 1/n₀ + 1/n₁, v the variance of W, R the reach
    of its values and L = ln(2 ln(N) / δ); the δ where both sides are equal is solved for.

    Args:
        n: values per bucket, shape (series, buckets).
        mean: their means.
        variance: of all values, shape (series,).
        reach: how far apart two values can be, shape (series,).

    Example:
        >>> n, mean = np.full((1, 4), 100.0), np.array([[0.0, 0.0, 1.0, 1.0]])
        >>> found = cuts(n, mean, np.ones(1), np.ones(1))
        >>> found.bucket.tolist(), found.step.tolist(), found.p_value.round(15).tolist()
        ([2], [1.0], [3.04e-13])
    """
    found = splits(n, mean)
    root = np.sqrt(2 * found.parts * variance[:, None])
    line = 2 / 3 * found.parts * reach[:, None]
    size = np.abs(found.gap)
    scale = root + np.sqrt(np.square(root) + 4 * line * size)
    log = np.square(2 * size / np.where(scale > 0, scale, np.inf))
    best = np.argmax(log, axis=1)
    chosen = np.arange(len(n)), best
    tries = 2 * np.log(np.maximum(across(n), np.e))
    p_value = np.minimum(tries * np.exp(-log[chosen]), 1.0)
    return Found(found.gap[chosen], found.gap[chosen], p_value, best + 1)


DETECTOR = Detector(
    name="adwin",
    kinds=frozenset({"course"}),
    measure=measure,
    floor=0.1,
    effect="shift in standard deviations",
    default=False,
)
"""What the plugin offers."""
