"""The expected calibration error of a classifier whose labels have not arrived.

In each bin of scores, labels less scores add up to a number X, and the metric is the sum of |X|
over the number of rows. The reference says by how much a label exceeds its score in each bin on
average, so X is expected to be nearly normal, with a mean μ and a variance v, the luck of the
labels to come; |X| is then folded normal, and by that luck alone larger than |μ|, as the realised
error is. What was learnt of μ has a variance c of its own. Plugging μ in as it is would count that
as error too, which the folded mean with the variance v - c does not; where c is the larger, the
means are drawn towards 0 together (James and Stein).

The calibration that the other metrics use would not do: isotonic regression is a little too steep,
which cancels in their sums and adds up in absolute values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.kernels import Ragged

    Floats = NDArray[np.float64]

NAME = "expected_calibration_error"


def binned(score: Ragged, truth: Floats, bins: int) -> Floats:
    """Count rows, and labels less scores, and labels, in every bin of every model.

    Args:
        score: lists, none empty.
        truth: 0 or 1 for each score.
        bins: of equal width, each with its upper edge, as the metric has them.

    Returns:
        Shape (3, models times bins), the bins of one model after those of another.

    Example:
        >>> from argosy.kernels import Ragged
        >>> score = Ragged.of(np.array([0.1, 0.5, 0.9]), np.array([3]))
        >>> binned(score, np.array([0.0, 1.0, 1.0]), 2).round(1).tolist()
        [[2.0, 1.0], [0.4, 0.1], [1.0, 1.0]]
    """
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    inside = np.searchsorted(edges, score.values, "left") + score.owners * bins
    size = len(score.lengths) * bins
    columns = (None, truth - score.values.clip(0, 1), truth)
    return np.stack([np.bincount(inside, each, size).astype(np.float64) for each in columns])


def calibration_error(
    score: Ragged, chance: Floats, learnt: Floats, bins: int, sure: tuple[Floats, Floats]
) -> Floats:
    """Estimate the error of every model.

    Args:
        score: lists, none empty.
        chance: the probability that the label is 1, of every row, for bins that the reference
            does not know.
        learnt: what `binned` counted in the reference of each.
        bins: how many it counted in.
        sure: by how much dependence inflates the variance of its labels, and how many standard
            errors a band reaches.

    Returns:
        Value, lower and upper, shape (3, models).

    Source: Leone, Nelson and Nottingham, "The folded normal distribution", Technometrics 3
    (1961); James and Stein, "Estimation with quadratic loss", Berkeley Symposium 4 (1961).
    """
    count, n = len(score.lengths), score.lengths.astype(np.float64)
    now, expected, _ = binned(score, chance, bins)
    rows, gaps, positives = learnt
    known = rows > 0
    rate = (positives + 0.5) / (rows + 1)
    grown, reach = sure
    labels = now * rate * (1 - rate) * np.repeat(grown, bins)
    mean = np.where(known, now * gaps / np.maximum(rows, 1), expected)
    doubt = now * labels / np.maximum(rows, 1)
    each = (count, bins)
    excess = across(np.maximum(doubt - labels, 0.0).reshape(each))
    total = across((mean**2).reshape(each))
    kept = 1 - np.divide(excess, total, out=np.ones(count), where=total > 0)
    mean = mean * np.repeat(np.sqrt(np.maximum(kept, 0.0)), bins)
    middle, _ = folded(mean, np.maximum(labels - doubt, 0.0))
    _, variance = folded(mean, labels + doubt)
    value = across(middle.reshape(each)) / n
    half = reach * np.sqrt(across(variance.reshape(each))) / n
    return np.stack([value, value - half, value + half]).clip(0, 1)


def folded(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of the absolute value of normal numbers.

    Example:
        >>> middle, spread = folded(np.array([0.0, 3.0]), np.array([1.0, 0.0]))
        >>> middle.round(4).tolist(), spread.round(4).tolist()
        ([0.7979, 3.0], [0.3634, 0.0])
    """
    from scipy.special import erf

    sigma = np.sqrt(variance)
    far = np.divide(mean, sigma, out=np.full(len(mean), np.inf), where=sigma > 0)
    middle = sigma * np.sqrt(2 / np.pi) * np.exp(-(far**2) / 2)
    middle += np.abs(mean) * np.where(sigma > 0, erf(np.abs(far) / np.sqrt(2)), 1.0)
    return middle, np.maximum(mean**2 + variance - middle**2, 0.0)
