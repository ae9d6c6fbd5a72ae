"""DeLong's paired test of two areas under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import compiled
from argosy.types import Comparison
from argosy_comparisons.answer import (
    NO_ROWS,
    NO_SCORES,
    NO_VARIANCE,
    ONE_BATCH,
    SOME_SCORES,
    WEIGHTED,
    Found,
    by_t,
    reasons,
    told,
    unvaried,
)
from argosy_comparisons.dependence import by_batch
from argosy_comparisons.pairs import absent, pairs, weighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FEWEST = 10
"""Of either class: placements of fewer rows say little of their variance."""


def measure(table: pa.Table, metrics: Sequence[str]) -> pa.Table:
    """Test every pair's difference of AUC.

    The variance is DeLong's, from the placements of the rows among those of the other class,
    which two sorts per pair give (Sun and Xu). The p-value and the interval are Student's t with
    the degrees of freedom of Brunner and Munzel rather than the normal: at hundreds of rows they
    hardly differ, but a fleet looks at p-values of 1 in 100,000, where the normal promises too
    much. Where rows are batched, the placements are added up by batch.

    Args:
        table: one row per pair, as `argosy.types.Comparison` says; class 1 is positive.
        metrics: `auc`.

    Returns:
        One row per pair. Undefined where a row has no score, fewer than ten rows have either
        class, or rows are weighted.

    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); Sun and Xu, "Fast
    implementation of DeLong's algorithm", IEEE Signal Processing Letters 21 (2014); Brunner and
    Munzel, Biometrical Journal 42 (2000), for the degrees of freedom.

    Example:
        >>> truth = [float(place % 2) for place in range(40)]
        >>> better = [label + place / 50 for place, label in enumerate(truth)]
        >>> worse = [label * 0.4 + place / 50 for place, label in enumerate(truth)]
        >>> sides = {"champion": worse, "challenger": better}
        >>> row = measure(pa.table({
        ...     "truth": [truth], "weight": [[1.0] * 40],
        ...     **{f"{side}_{name}": [of] for side, of in sides.items()
        ...        for name in ("prediction", "score", "truth_score")},
        ... }), ["auc"])["auc"][0].as_py()
        >>> row["champion"], row["challenger"], round(row["p_value"], 6)
        (0.8875, 1.0, 0.027795)
    """
    given = pairs(table)
    count = len(given.lengths)
    missing, untold = np.isnan(given.score), absent(given.score, given)
    positives = given.each(given.truth == 1)
    negatives = given.lengths - positives
    cases = [
        (given.lengths == 0, NO_ROWS),
        (untold[0] | untold[1], NO_SCORES),
        (given.some(missing[0] | missing[1]), SOME_SCORES),
        (weighted(given), WEIGHTED),
        ((positives == 0) | (negatives == 0), "only one class is there"),
    ]
    sound = np.array([reason is None for reason in reasons(cases, count)], bool)
    kept = given.kept(sound)
    numbers = np.full((6, count), np.nan)
    order = ordered(kept.score, kept.lengths)
    owed = np.zeros(len(kept.truth))
    rows = kept.truth == 1, kept.score, order, kept.starts, kept.lengths
    numbers[:, sound] = _placed(*rows, owed)
    champion, challenger, above, below, *_ = numbers
    variance = above + below
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = variance**2 / (above**2 / (positives - 1) + below**2 / (negatives - 1))
    effect, error = challenger - champion, np.sqrt(variance)
    worth = np.full(count, np.nan)
    error[sound], freedom[sound], worth[sound] = by_batch(kept, owed, error[sound], freedom[sound])
    cases += [
        (np.minimum(positives, negatives) < FEWEST, f"fewer than {FEWEST} rows of a class"),
        (given.batches.counts == 1, ONE_BATCH),
        (unvaried(effect, error), NO_VARIANCE),
    ]
    found = by_t(champion, challenger, effect, error, freedom)
    return pa.table({"auc": told(Found(*found), reasons(cases, count), worth)})


def ordered(score: Floats, lengths: Ints) -> Ints:
    """Return the order of each pair's scores on either side, as places among the pair's rows.

    Neighbours of equal length are sorted in one call.

    Args:
        score: shape (2, rows), no NaN.
        lengths: how many rows each pair has.

    Example:
        >>> ordered(np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]]), np.array([3])).tolist()
        [[1, 2, 0], [0, 2, 1]]
    """
    found = np.empty(score.shape, np.int64)
    if not len(lengths):
        return found
    heads = np.flatnonzero(np.append(True, lengths[1:] != lengths[:-1])[: len(lengths)])
    starts = np.cumsum(lengths) - lengths
    for head, end in zip(heads, np.append(heads[1:], len(lengths)), strict=True):
        rows = slice(starts[head], starts[end - 1] + lengths[end - 1])
        block = score[:, rows].reshape(2, end - head, lengths[head])
        found[:, rows] = block.argsort(axis=-1).reshape(2, -1)
    return found


@compiled
def _placed(
    truth: NDArray[np.bool_],
    score: Floats,
    orders: Ints,
    starts: Ints,
    lengths: Ints,
    owed: Floats,
) -> Floats:
    """Return, per pair, both areas and the variances that come from positives and negatives.

    What the difference of the areas owes to each row is written to `owed`.
    """
    found = np.zeros((6, len(lengths)))
    for pair in range(len(lengths)):
        first, rows = starts[pair], lengths[pair]
        gap = np.zeros(rows)  # of the placements, in halves of rows: whole numbers
        for side in range(2):
            own = score[side, first : first + rows]
            order = orders[side, first : first + rows]
            sign = 2 * side - 1
            positives, negatives = 0, 0
            head = 0
            while head < rows:
                end, level = head, own[order[head]]
                tied = 0
                while end < rows and own[order[end]] == level:
                    tied += truth[first + order[end]]
                    end += 1
                untied = end - head - tied
                for place in range(head, end):
                    row = order[place]
                    if truth[first + row]:
                        gap[row] += sign * (2 * negatives + untied)
                    else:
                        gap[row] -= sign * (2 * positives + tied)
                    if truth[first + row]:
                        found[side, pair] += 2 * negatives + untied
                positives += tied
                negatives += untied
                head = end
            found[side, pair] /= 2.0 * positives * negatives
        many = (positives, negatives)
        for kind in range(2):
            total, least, most = 0.0, np.inf, -np.inf
            for row in range(rows):
                if truth[first + row] == (kind == 0):
                    total += gap[row]
                    least, most = min(least, gap[row]), max(most, gap[row])
            if least == most or many[kind] < 2:
                continue
            middle, squares = total / many[kind], 0.0
            for row in range(rows):
                if truth[first + row] == (kind == 0):
                    squares += (gap[row] - middle) ** 2
                    owed[first + row] = (gap[row] - middle) / (2.0 * many[1 - kind]) / many[kind]
            spread = squares / (many[kind] - 1) / (2.0 * many[1 - kind]) ** 2
            found[2 + kind, pair] = spread / many[kind]
    return found


COMPARISON = Comparison(
    name="delong", tasks=frozenset({"binary"}), metrics=("auc",), measure=measure, batched=True
)
