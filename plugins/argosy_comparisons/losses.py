"""Student's paired t-test of two mean losses."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.types import Comparison
from argosy_comparisons.answer import (
    FEW_ROWS,
    FEWEST,
    NO_ROWS,
    NO_SCORES,
    NO_VARIANCE,
    ONE_BATCH,
    SOME_SCORES,
    by_t,
    reasons,
    told,
    unvaried,
)
from argosy_comparisons.dependence import by_batch
from argosy_comparisons.pairs import absent, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from argosy_comparisons.answer import Cases
    from argosy_comparisons.pairs import Floats, Pairs

EPSILON = sys.float_info.epsilon
HAIR = 1e-6
"""How far outside of 0 and 1 a probability in single precision may lie."""


def brier(given: Pairs) -> Floats:
    """Return each row's squared distance of the probabilities from the truth.

    Of a binary model it is that of the probability of class 1, of a multiclass model the sum over
    all classes.
    """
    two = (given.score.clip(0, 1) - (given.truth == 1)) ** 2
    found: Floats = np.where(np.isnan(given.distance), two, given.distance)
    return found


def log_loss(given: Pairs) -> Floats:
    """Return each row's negative logarithm of the probability of what came true."""
    found: Floats = -np.log(given.truth_score.clip(EPSILON, 1 - EPSILON))
    return found


def squared(given: Pairs) -> Floats:
    """Return each row's squared error."""
    found: Floats = (given.prediction - given.truth) ** 2
    return found


def absolute(given: Pairs) -> Floats:
    """Return each row's error without its sign."""
    found: Floats = np.abs(given.prediction - given.truth)
    return found


LOSSES: Mapping[str, Callable[[Pairs], Floats]] = {
    "brier": brier,
    "log_loss": log_loss,
    "mse": squared,
    "mae": absolute,
}
"""The loss of each row of which the metric is the mean, shape (2, rows)."""


def measure(table: pa.Table, metrics: Sequence[str]) -> pa.Table:
    """Test every pair's difference of a mean loss.

    The rows' differences are taken to be independent, unless they are batched: then the batches
    are, and there is one degree of freedom fewer than batches. With weights the mean is weighted,
    and its variance is the usual one of a ratio, n / (n - 1) Σ wᵢ² (dᵢ - d)² / (Σ wᵢ)², which
    without them is that of Student.

    Args:
        table: one row per pair, as `argosy.types.Comparison` says.
        metrics: of `brier`, `log_loss`, `mse` and `mae`.

    Returns:
        One row per pair. Undefined below 20 rows, where a loss is not finite, and where the
        difference is the same in every row but not 0.

    Source: Student, Biometrika 6 (1908); Cochran, "Sampling techniques", 1977, for the weights.

    Example:
        >>> truth = [float(place % 5) for place in range(20)]
        >>> sides = {"champion": [value * 0.5 for value in truth], "challenger": truth}
        >>> row = measure(pa.table({
        ...     "truth": [truth], "weight": [[1.0] * 20],
        ...     **{f"{side}_{name}": [of] for side, of in sides.items()
        ...        for name in ("prediction", "score", "truth_score")},
        ... }), ["mae"])["mae"][0].as_py()
        >>> row["effect"], round(row["lower"], 3), row["p_value"] < 1e-5
        (1.0, 0.66, True)
    """
    given = pairs(table)
    found = {}
    for name in metrics:
        with np.errstate(over="ignore", invalid="ignore"):
            loss = LOSSES[name](given)
        found[name] = _tested(given, loss, fitness(given, name, loss))
    return pa.table(found)


def fitness(given: Pairs, metric: str, loss: Floats) -> Cases:
    """Return the cases in which a metric's losses cannot be compared."""
    cases = [(given.lengths == 0, NO_ROWS)]
    if metric in {"brier", "log_loss"}:
        score = given.truth_score
        if metric == "brier":
            score = np.where(np.isnan(given.distance), given.score, given.truth_score)
        missing, alone = np.isnan(score), absent(score, given)
        outside = (score < -HAIR) | (score > 1 + HAIR)
        cases += [
            (alone[0] | alone[1], NO_SCORES),
            (given.some(missing[0] | missing[1]), SOME_SCORES),
            (given.some(outside[0] | outside[1]), "some scores are not probabilities"),
        ]
    with np.errstate(over="ignore", invalid="ignore"):
        # a loss counts squared, and must still be a number then
        wild = ~np.isfinite(loss[0] ** 2 + loss[1] ** 2)
    return [
        *cases,
        (given.some(wild), "some errors are not finite"),
        (few(given), FEW_ROWS),
        (given.batches.counts == 1, ONE_BATCH),
    ]


def few(given: Pairs) -> NDArray[np.bool_]:
    """Say of each pair whether it has too few rows."""
    return given.lengths < FEWEST


def _tested(given: Pairs, loss: Floats, cases: Cases) -> pa.StructArray:
    n, total = given.lengths.astype(np.float64), given.each(given.weight)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        champion, challenger = given.each(loss * given.weight) / total
        gap = loss[0] - loss[1]
        effect = given.each(gap * given.weight) / total
        off = gap - effect[given.owners]
        squares = given.each((given.weight * off) ** 2)
        error = np.sqrt(n / (n - 1) * squares) / total
        owed = given.weight * off / total[given.owners]
        error, freedom, worth = by_batch(given, owed, error, n - 1)
        found = by_t(champion, challenger, effect, error, freedom)
    cases = [*cases, (unvaried(effect, error), NO_VARIANCE)]
    return told(found, reasons(cases, len(n)), worth)


COMPARISON = Comparison(
    name="paired_t",
    tasks=frozenset({"binary", "multiclass", "regression"}),
    metrics=("brier", "log_loss", "mse", "mae"),
    measure=measure,
    batched=True,
)
