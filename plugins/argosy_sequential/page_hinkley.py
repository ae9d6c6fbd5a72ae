"""Follow how far windows stray from the mean so far, in one direction: Page-Hinkley."""

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
    """Add up how far each window lies from the mean so far, the reference's at first.

    The statistic is how far that sum has risen above its lowest point, or fallen below its
    highest, by the end: rows times the unit of the effect. The effect is the difference of the
    means after and before the likeliest change, in standard deviations of the reference, or, of a
    share, in halves. The p-value bounds how often the sum of a column without drift is as far off.

    Args:
        table: course rows, as `argosy.types.Detector` says.

    Returns:
        One row per row of the table; `detail` names the windows with which it changed, all of them.

    Source: Page, "Continuous inspection schemes", Biometrika 41 (1954); Hinkley, "Inference about
    the change-point from cumulative sum tests", Biometrika 58 (1971).

    Example:
        >>> from argosy.testing.columns import sampled
        >>> measure(sampled("course", moved=True))["detail"][0].as_py()
        "its mean changed with '2026-01-07'"
    """
    return answer(table, strays)


def strays(n: Floats, mean: Floats, variance: Floats, reach: Floats) -> Found:
    """Find how far each series strays, and since when.

    With N_t values up to window t, of which n_t are its own, the sum grows by n_t times the mean
    of the window less that of all so far. Without drift these terms are independent, of variance
    v n_t N_{t-1} / N_t, so that the largest rise to the end exceeds g with a probability of at
    most exp(-g² / 2 (V + R g / 3)), where V is the sum of the variances and R the reach; twice
    that for both directions.

    Args:
        n: values per bucket, shape (series, buckets).
        mean: their means.
        variance: of all values, shape (series,).
        reach: how far apart two values can be, shape (series,).

    Source: Freedman, "On tail probabilities for martingales", Annals of Probability 3 (1975), for
    the bound.

    Example:
        >>> n, mean = np.full((1, 4), 100.0), np.array([[0.0, 0.0, 1.0, 1.0]])
        >>> found = strays(n, mean, np.ones(1), np.ones(1))
        >>> found.bucket.tolist(), found.statistic.round(2).tolist(), found.step.tolist()
        ([2], [116.67], [1.0])
    """
    total, sums = np.cumsum(n, axis=1), np.cumsum(n * mean, axis=1)
    whole = np.maximum(total, 1)
    path = np.cumsum(n * (mean - sums / whole), axis=1)
    rises = path[:, -1:] - path[:, :-1]
    split = splits(n, mean)
    best = split.likeliest()
    every = np.arange(len(n))
    rise = rises[every, np.argmax(np.abs(rises), axis=1)]
    expected = variance * across(n[:, 1:] * total[:, :-1] / whole[:, 1:])
    noise = 2 * (expected + reach * np.abs(rise) / 3)
    log = np.square(rise) / np.where(noise > 0, noise, np.inf)
    step = split.gap[every, best]
    return Found(rise, step, np.minimum(2 * np.exp(-log), 1.0), best + 1)


DETECTOR = Detector(
    name="page_hinkley",
    kinds=frozenset({"course"}),
    measure=measure,
    floor=0.1,
    effect="shift in standard deviations",
    default=False,
)
"""What the plugin offers."""
