"""What a ranked list is worth, row by row: one pass for all rows of a fleet.

Relevance is 0 or 1. With r_i whether the item at rank i is relevant, R how many items are, and k
the cut:

- recall@k: Σ r_i / min(k, R), so that a list that is all relevant has 1 however many there are;
- precision@k: Σ r_i / k; ranks that a short list leaves empty count as misses;
- NDCG@k: Σ r_i / log2(i + 1), over the same of the best possible list (Järvelin and Kekäläinen,
  ACM TOIS 20, 2002);
- MAP@k: Σ r_i (Σ_{j ≤ i} r_j) / i, over min(k, R), averaged over rows;
- hit rate@k: whether there is any hit;
- MRR@k: 1 / the rank of the first hit, 0 without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MEASURES = ("recall", "precision", "ndcg", "map", "hit_rate", "mrr")
"""The second axis of what `worth` finds."""
CUTS = (10, 20)
"""The first axis: how much of a list is looked at."""


@compiled
def worth(hits: Floats, lengths: Ints, relevant: Floats, cuts: Ints) -> Floats:
    """Measure every list at every cut.

    Args:
        hits: 1.0 where the item at a rank is relevant, else 0.0; list after list.
        lengths: how many items each list has.
        relevant: how many items are relevant to each row, at least one.
        cuts: ascending.

    Returns:
        Shape (cuts, 6, rows), the second axis as `MEASURES`; NaN where nothing is relevant.
    """
    rows = len(lengths)
    found = np.zeros((len(cuts), 6, rows))
    deepest = cuts[-1]
    gain, best = np.empty(deepest + 1), np.zeros(deepest + 1)
    gain[0] = 0.0
    for rank in range(1, deepest + 1):
        gain[rank] = 1.0 / np.log2(rank + 1.0)
        best[rank] = best[rank - 1] + gain[rank]
    start = 0
    for row in range(rows):
        many, gained, precise, first = 0.0, 0.0, 0.0, 0.0
        at = 0
        if not relevant[row] >= 1.0:
            found[:, :, row] = np.nan
            start += lengths[row]
            continue
        for rank in range(1, deepest + 1):
            if rank <= lengths[row] and hits[start + rank - 1] > 0.0:
                many += 1.0
                gained += gain[rank]
                precise += many / rank
                if first == 0.0:
                    first = 1.0 / rank
            if rank == cuts[at]:
                most = min(float(rank), relevant[row])
                found[at, 0, row] = many / most
                found[at, 1, row] = many / rank
                found[at, 2, row] = gained / best[int(most)]
                found[at, 3, row] = precise / most
                found[at, 4, row] = 1.0 if many > 0.0 else 0.0
                found[at, 5, row] = first
                at += 1
        start += lengths[row]
    return found


@compiled
def surprise(novelty: Floats, lengths: Ints, cuts: Ints) -> Floats:
    """Average the novelty of the first items of every list.

    Returns:
        Shape (cuts, rows); NaN where a list is empty, or the novelty of an item is not known.
    """
    rows = len(lengths)
    found = np.full((len(cuts), rows), np.nan)
    start = 0
    for row in range(rows):
        for at in range(len(cuts)):
            most = min(cuts[at], lengths[row])
            total = 0.0
            for rank in range(most):
                total += novelty[start + rank]
            if most > 0:
                found[at, row] = total / most
        start += lengths[row]
    return found


@compiled
def variety(items: Floats, lengths: Ints, weight: Floats, groups: Ints, cuts: Ints) -> Floats:
    """Count the different items that stand in the lists of every group down to every cut.

    Args:
        items: the code of the item at each rank; list after list.
        lengths: how many items each list has.
        weight: of every list; one of weight zero is not looked at.
        groups: how many lists each group has.
        cuts: ascending.

    Returns:
        Shape (cuts, groups).
    """
    found = np.zeros((len(cuts), len(groups)))
    most = 0.0
    for item in items:
        most = max(most, item)
    seen = np.full((len(cuts), int(most) + 1), -1)
    start, row = 0, 0
    for group in range(len(groups)):
        for _ in range(groups[group]):
            for at in range(len(cuts)):
                for rank in range(min(cuts[at], lengths[row])):
                    item = int(items[start + rank])
                    if weight[row] > 0.0 and seen[at, item] != group:
                        seen[at, item] = group
                        found[at, group] += 1.0
            start += lengths[row]
            row += 1
    return found


@compiled
def moments(values: Floats, weight: Floats, groups: Ints) -> tuple[Floats, Floats, Floats]:
    """Return the weighted mean of every group, its variance, and how many rows it speaks of.

    Rows whose value is NaN, or whose weight is zero, are left out.

    Returns:
        Σ w x / Σ w; Σ w² (x - mean)² / (Σ w)², the sandwich; and (Σ w)² / Σ w². Each has shape
        (groups,), and is NaN where nothing counts.
    """
    many = len(groups)
    mean, variance, size = np.full(many, np.nan), np.full(many, np.nan), np.full(many, np.nan)
    start = 0
    for group in range(many):
        end = start + groups[group]
        total, squares, sums = 0.0, 0.0, 0.0
        for row in range(start, end):
            if weight[row] > 0.0 and not np.isnan(values[row]):
                total += weight[row]
                squares += weight[row] ** 2
                sums += weight[row] * values[row]
        if total > 0.0:
            mean[group] = sums / total
            off = 0.0
            for row in range(start, end):
                if weight[row] > 0.0 and not np.isnan(values[row]):
                    off += (weight[row] * (values[row] - mean[group])) ** 2
            variance[group] = off / total**2
            size[group] = total**2 / squares
        start = end
    return mean, variance, size
