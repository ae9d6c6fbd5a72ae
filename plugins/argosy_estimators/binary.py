"""Metrics of binary classifiers whose labels are known, or known up to a probability.

With the labels themselves for chances these are the realised metrics; with calibrated
probabilities they are what confidence-based estimation expects. Each metric is a ratio of sums
over the rows (for `auc`, over pairs of rows), and the chances take the labels' place in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import running, runs, sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.kernels import Ragged

METRICS = ("accuracy", "precision", "recall", "specificity", "f1", "auc", "brier", "log_loss")
EPSILON = 2.0**-52
WORST = float(-np.log(EPSILON))
BOUNDS = np.array([1.0] * 7 + [WORST])
"""The greatest value of each metric; the least is 0."""
HAIR = 1e-6
"""How far outside of 0 and 1 a probability in single precision may lie."""


class Measured(NamedTuple):
    """The metrics of all models of a block."""

    values: NDArray[np.float64]
    """Shape (metrics, models); NaN where undefined."""
    slopes: NDArray[np.float64]
    """Shape (metrics, rows): by how much, times its model's rows, a metric grows with a chance."""


def measure(
    score: Ragged, called: NDArray[np.float64], chance: NDArray[np.float64], slopes: bool = True
) -> Measured:
    """Measure every model.

    Args:
        score: sorted lists, none empty.
        called: 1 where class 1 was predicted, else 0.
        chance: the probability that the label is 1, or the label.
        slopes: whether they are wanted.

    Example:
        >>> from argosy.kernels import Ragged
        >>> score = Ragged.of(np.array([0.1, 0.4, 0.4, 0.8]), np.array([4]))
        >>> found = measure(score, np.array([0.0, 0, 0, 1]), np.array([0.0, 0, 1, 1]))
        >>> dict(zip(METRICS, found.values[:, 0].round(3).tolist()))["auc"]
        0.875
    """
    lengths = score.lengths
    n = lengths.astype(np.float64)
    squares, hit, miss = _losses(score.values)
    totals = sums(
        np.stack(
            [
                chance,
                called,
                called * chance,
                squares + chance * (1 - 2 * score.values),
                miss + chance * (hit - miss),
            ]
        ),
        lengths,
    )
    positives, calls, hits, brier, log_loss = totals
    negatives = n - positives
    alarms = calls - hits
    below, above = _ranked(score, chance, positives)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = hits / calls, hits / positives
        specificity = (negatives - alarms) / negatives
        f1 = 2 * hits / (positives + calls)
        pairs = positives * negatives
        auc = sums(chance * below, lengths) / pairs
        values = np.stack(
            [
                (n - calls - positives + 2 * hits) / n,
                precision,
                recall,
                specificity,
                f1,
                auc,
                brier / n,
                log_loss / n,
            ]
        )
        if not slopes:
            return Measured(values, np.zeros((len(METRICS), 0)))

        def each(of_models: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.repeat(of_models, lengths)

        grown = np.stack(
            [
                2 * called - 1,
                called * each(n / calls),
                (called - each(recall)) * each(n / positives),
                (each(specificity) - 1 + called) * each(n / negatives),
                (2 * called - each(f1)) * each(n / (positives + calls)),
                (below - above - each(auc * (negatives - positives))) * each(n / pairs),
                1 - 2 * score.values,
                hit - miss,
            ]
        )
    return Measured(values, grown)


def _losses(
    score: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the squared score, and the log loss of a label 1 and of a label 0."""
    inside = score.clip(EPSILON, 1 - EPSILON)
    return score**2, -np.log(inside), -np.log1p(-inside)


def _ranked(
    score: Ragged, chance: NDArray[np.float64], positives: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the negatives expected below each row and the positives above it, half of the ties.

    A row counts among those that tie with it, as in the area of trapezoids under a curve.
    """
    owners = score.owners
    heads = np.flatnonzero(
        np.append(True, (score.values[1:] != score.values[:-1]) | (owners[1:] != owners[:-1]))
    )
    sizes = np.diff(heads, append=len(owners))
    owner = owners[heads]
    level = runs(chance, heads)
    positives_up_to = running(level, np.bincount(owner, minlength=len(score.lengths)))
    rows_up_to = heads + sizes - score.starts[owner]
    below = rows_up_to - positives_up_to - (sizes - level) / 2
    above = positives[owner] - positives_up_to + level / 2
    return np.repeat(below, sizes), np.repeat(above, sizes)
