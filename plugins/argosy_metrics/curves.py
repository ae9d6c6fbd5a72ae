"""The loop over the rows in the order of their scores: what all thresholds would do, together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Flags, Floats, Ints

AUC, AUC_VARIANCE, AUC_BATCHED, PRECISION, PRECISION_VARIANCE, PRECISION_BATCHED = range(6)
"""The first axis of what `curves` finds."""


@compiled
def curves(
    truth: Floats,
    score: Floats,
    weight: Floats,
    places: Ints,
    starts: Ints,
    lengths: Ints,
    use: Flags,
    batch: Ints,
    counts: Ints,
) -> Floats:
    """Measure each group in one walk from its highest score to its lowest, and one for variances.

    Rows of equal score are a run: no threshold falls between them.

    - The area under the ROC curve is the share of positives above a negative, a tie counting
      half, averaged over the negatives. Its variance is DeLong's: that of these shares, and of
      the shares of negatives below a positive.
    - The average precision is the precision at the score of a positive, averaged over the
      positives. The variance sums w² d² over rows, d being its derivative by the row's weight:
      a row moves the precision at every positive below it.

    Args:
        truth: positive where it is 1.
        score: not NaN where the weight is above zero, in the groups used.
        weight: at least 0; rows of weight zero are passed over.
        places: what `argosy.kernels.order` says of the scores.
        starts: where each group begins.
        lengths: how many rows it has.
        use: which groups to measure.
        batch: of each row, where rows depend on each other.
        counts: how many batches each group has.

    Returns:
        Shape (6, groups); NaN in a group of one class, and where a variance has fewer than two
        rows of a class.

    Source: Hanley and McNeil, Radiology 143 (1982); DeLong, DeLong and Clarke-Pearson,
    Biometrics 44 (1988), in the order of Sun and Xu, IEEE Signal Processing Letters 21 (2014);
    Zhu, "Recall, precision and average precision", 2004; Jaeckel, "The infinitesimal jackknife",
    1972.
    """
    groups = len(lengths)
    found = np.full((6, groups), np.nan)
    longest, most = 1, 1
    for length in lengths:
        longest = max(longest, length)
    for count in counts:
        most = max(most, count)
    of_auc, of_precision = np.empty(most), np.empty(most)  # what the values owe to each batch
    slopes = np.empty((4, longest if most > 1 else 1))  # of each run: what a row moves the values
    run_of = np.empty(longest if most > 1 else 1, np.int64)
    pos, neg = np.empty(longest), np.empty(longest)  # weights of each run
    pos2, neg2 = np.empty(longest), np.empty(longest)  # their squares
    rights, owns = np.empty(longest), np.empty(longest)  # precision, and how a row moves it
    for group in range(groups):
        if not use[group]:
            continue
        start, k = starts[group], starts[group] + lengths[group] - 1
        runs, positives, negatives = 0, 0, 0
        up = down = area = precision = mend = harm = 0.0
        batched = counts[group] > 1
        while k >= start:
            row = places[k]
            last = score[row]
            p = q = p2 = q2 = 0.0
            while True:
                if batched:
                    run_of[k - start] = runs
                w = weight[row]
                yes = 1.0 if truth[row] == 1.0 else 0.0  # no branch: unforeseeable as a coin
                there = 1 if w > 0.0 else 0
                p += w * yes
                q += w * (1.0 - yes)
                p2 += w * w * yes
                q2 += w * w * (1.0 - yes)
                positives += there * int(yes)
                negatives += there * int(1.0 - yes)
                k -= 1
                if k < start:
                    break
                row = places[k]
                if score[row] != last:
                    break
            if p + q == 0.0:
                continue
            area += q * (up + p / 2.0)
            up += p
            down += q
            right, own = up / (up + down), p / (up + down)
            precision += p * right
            mend += own * (1.0 - right)
            harm += own * right
            pos[runs], neg[runs], pos2[runs], neg2[runs] = p, q, p2, q2
            rights[runs], owns[runs] = right, own
            runs += 1
        if positives == 0:
            continue
        every_pos, every_neg = up, down
        auc = area / every_pos / every_neg
        precision /= every_pos
        found[PRECISION, group] = precision
        if negatives > 0:
            found[AUC, group] = auc
        up = down = of_pos = of_neg = wiggle = 0.0
        for r in range(runs):
            p, q, p2, q2 = pos[r], neg[r], pos2[r], neg2[r]
            right, own = rights[r], owns[r]
            of_pos += p2 * (every_neg * (1.0 - auc) - down - q / 2.0) ** 2
            of_neg += q2 * (up + p / 2.0 - every_pos * auc) ** 2
            if batched:
                slopes[0, r] = every_neg * (1.0 - auc) - down - q / 2.0
                slopes[1, r] = up + p / 2.0 - every_pos * auc
                slopes[2, r], slopes[3, r] = right - precision + mend, -harm
            up += p
            down += q
            wiggle += p2 * (right - precision + mend) ** 2 + q2 * harm * harm
            mend -= own * (1.0 - right)
            harm -= own * right
        if positives > 1 and negatives > 1:
            of_pos *= positives / (positives - 1)
            of_neg *= negatives / (negatives - 1)
            found[AUC_VARIANCE, group] = (of_pos + of_neg) / (every_pos * every_neg) ** 2
        found[PRECISION_VARIANCE, group] = wiggle / every_pos / every_pos
        if not batched:
            continue
        count = counts[group]
        of_auc[:count] = 0.0
        of_precision[:count] = 0.0
        for k in range(lengths[group]):
            row, r = places[start + k], run_of[k]
            w = weight[row]
            if w > 0.0:
                other = 0 if truth[row] == 1.0 else 1
                of_auc[batch[row]] += w * slopes[other, r]
                of_precision[batch[row]] += w * slopes[2 + other, r]
        area = precision = 0.0
        for b in range(count):
            area += of_auc[b] * of_auc[b]
            precision += of_precision[b] * of_precision[b]
        enlarge = count / (count - 1.0)
        found[PRECISION_BATCHED, group] = precision * enlarge / every_pos / every_pos
        if positives > 1 and negatives > 1:
            found[AUC_BATCHED, group] = area * enlarge / (every_pos * every_neg) ** 2
    return found
