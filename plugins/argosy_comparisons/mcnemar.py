"""McNemar's paired test of two accuracies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.types import Comparison
from argosy_comparisons.answer import (
    NO_ROWS,
    NO_VARIANCE,
    ONE_BATCH,
    WEIGHTED,
    Found,
    by_t,
    reasons,
    told,
    unvaried,
)
from argosy_comparisons.dependence import by_batch
from argosy_comparisons.pairs import CHALLENGER, CHAMPION, pairs, weighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy_comparisons.pairs import Pairs

    Floats = NDArray[np.float64]

FEW = 25
"""Fewer discordant rows are judged by the exact test, more by its mid-p."""
Z = 1.959963984540054


def measure(table: pa.Table, metrics: Sequence[str]) -> pa.Table:
    """Test every pair's difference of accuracy.

    Only rows that one model classifies rightly and the other wrongly tell them apart; were they
    equal, each such row would fall to either with probability 1/2. Below 25 such rows the
    p-value is the exact binomial one, else its mid-p, which keeps the level and is less timid.
    The interval is that of Bonett and Price (adjusted Wald), widened to include the effect.
    Where rows are batched, both are Student's t of the batches' differences.

    Args:
        table: one row per pair, as `argosy.types.Comparison` says.
        metrics: `accuracy`.

    Returns:
        One row per pair. Undefined where rows are weighted.

    Source: McNemar, Psychometrika 12 (1947); Fagerland, Lydersen and Laake, "The McNemar test
    for binary matched-pairs data", BMC Medical Research Methodology 13 (2013); Bonett and Price,
    Journal of Educational and Behavioral Statistics 37 (2012).

    Example:
        >>> truth, half = [1.0] * 12, [1.0] * 4 + [0.0] * 8
        >>> row = measure(pa.table({
        ...     "truth": [truth], "weight": [truth],
        ...     **{f"{side}_{name}": [half if side == "champion" else truth]
        ...        for side in ("champion", "challenger")
        ...        for name in ("prediction", "score", "truth_score")},
        ... }), ["accuracy"])["accuracy"][0].as_py()
        >>> row["p_value"] == 2 / 2**8, round(row["effect"], 3)
        (True, 0.667)
    """
    given = pairs(table)
    right = given.prediction == given.truth
    hits = given.each(right)
    lost = given.each(right[CHAMPION] & ~right[CHALLENGER])
    won = given.each(right[CHALLENGER] & ~right[CHAMPION])
    n = given.lengths.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        champion, challenger = hits / n
        effect = (won - lost) / n
    shifted = (won - lost) / (n + 2)
    half = Z * np.sqrt(((won + lost + 2) / (n + 2) - shifted**2) / (n + 2))
    lower = np.fmin(shifted - half, effect).clip(-1, 1)
    upper = np.fmax(shifted + half, effect).clip(-1, 1)
    found = Found(champion, challenger, effect, lower, upper, p_values(won, lost))
    cases = [(given.lengths == 0, NO_ROWS), (weighted(given), WEIGHTED)]
    found, still, worth = _batched(given, right, found)
    cases += [(given.batches.counts == 1, ONE_BATCH), (still, NO_VARIANCE)]
    return pa.table({"accuracy": told(found, reasons(cases, len(n)), worth)})


def _batched(
    given: Pairs, right: NDArray[np.bool_], alone: Found
) -> tuple[Found, NDArray[np.bool_], Floats]:
    """Test pairs whose rows depend on each other by Student's t of their batches."""
    n, counts = given.lengths.astype(np.float64), given.batches.counts
    if not counts.any():
        return alone, counts > 0, np.full(len(n), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = right[CHALLENGER].astype(np.float64) - right[CHAMPION]
        owed = (gap - alone.effect[given.owners]) / n[given.owners]
        error = np.sqrt(given.each(owed**2) * n / (n - 1))
        sure = by_batch(given, owed, error, n - 1)
        batched = by_t(alone.champion, alone.challenger, alone.effect, sure.error, sure.freedom)
    batched = batched._replace(lower=batched.lower.clip(-1, 1), upper=batched.upper.clip(-1, 1))
    there = counts > 0
    found = Found(*(np.where(there, *both) for both in zip(batched, alone, strict=True)))
    return found, there & unvaried(alone.effect, sure.error), sure.worth


def p_values(won: Floats, lost: Floats) -> Floats:
    """Return the two-sided p-value of each pair of counts of discordant rows.

    Example:
        >>> p_values(np.array([0.0, 5.0, 9.0]), np.array([0.0, 5.0, 1.0])).round(4).tolist()
        [1.0, 1.0, 0.0215]
    """
    from scipy.special import bdtr

    many, few = (won + lost).astype(np.int64), np.minimum(won, lost)
    tail = bdtr(few, many, 0.5)
    beyond = np.where(few > 0, bdtr(np.maximum(few - 1, 0), many, 0.5), 0.0)
    p_value: Floats = np.where(many < FEW, 2 * tail, tail + beyond)
    return p_value.clip(0, 1)


COMPARISON = Comparison(
    name="mcnemar",
    tasks=frozenset({"binary", "multiclass"}),
    metrics=("accuracy",),
    measure=measure,
    batched=True,
)
