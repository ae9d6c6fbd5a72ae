"""Loops over the rows in the order of their scores: what every threshold would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_scores.groups import Flags, Floats, Ints

AUC, AUC_VARIANCE, PRECISION, PRECISION_VARIANCE, KS, LIFT, LIFT_VARIANCE = range(7)
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
    share: float,
) -> Floats:
    """Measure each group in one walk from its highest score to its lowest, and one for variances.

    Rows of equal score are a run: no threshold falls between them.

    - The area under the ROC curve is the share of positives above a negative, a tie counting
      half, averaged over the negatives. Its variance is DeLong's: that of these shares, and of
      the shares of negatives below a positive.
    - The average precision is the precision at the score of a positive, averaged over the
      positives. The variance sums w² d² over rows, d being its derivative by the row's weight:
      a row moves the precision at every positive below it.
    - KS is the greatest difference of the two distributions.
    - Lift is the share of positives among the first `share` of the weight, over `share`; the run
      that the border cuts counts in part. In its variance the border moves too: how much that
      matters is told by the positives in its neighbourhood.

    Args:
        truth: positive where it is 1.
        score: not NaN where the weight is above zero, in the groups used.
        weight: at least 0; rows of weight zero are passed over.
        places: what `argosy.kernels.order` says of the scores.
        starts: where each group begins.
        lengths: how many rows it has.
        use: which groups to measure.
        share: of the weight, from 0 to 1.

    Returns:
        Shape (7, groups); NaN in a group of one class, and where a variance has fewer than two
        rows of a class.

    Source: Hanley and McNeil, Radiology 143 (1982); DeLong, DeLong and Clarke-Pearson,
    Biometrics 44 (1988), in the order of Sun and Xu, IEEE Signal Processing Letters 21 (2014);
    Zhu, "Recall, precision and average precision", 2004; Jaeckel, "The infinitesimal jackknife",
    1972.
    """
    groups = len(lengths)
    found = np.full((7, groups), np.nan)
    longest = 1
    for length in lengths:
        longest = max(longest, length)
    pos, neg = np.empty(longest), np.empty(longest)  # weights of each run
    pos2, neg2 = np.empty(longest), np.empty(longest)  # their squares
    for group in range(groups):
        if not use[group]:
            continue
        runs, positives, negatives = -1, 0, 0
        last = np.nan
        for k in range(starts[group] + lengths[group] - 1, starts[group] - 1, -1):
            row = places[k]
            w = weight[row]
            if w > 0.0:
                if score[row] != last:
                    last = score[row]
                    runs += 1
                    pos[runs] = neg[runs] = pos2[runs] = neg2[runs] = 0.0
                yes = 1 if truth[row] == 1.0 else 0  # no branch: it is as unforeseeable as a coin
                pos[runs] += w * yes
                neg[runs] += w * (1 - yes)
                pos2[runs] += w * w * yes
                neg2[runs] += w * w * (1 - yes)
                positives += yes
                negatives += 1 - yes
        if positives == 0:
            continue
        runs += 1
        every_pos, every_neg = pos[:runs].sum(), neg[:runs].sum()
        every = every_pos + every_neg
        border = share * every
        up = down = area = precision = mend = harm = gap = top = 0.0
        for r in range(runs):
            p, q = pos[r], neg[r]
            area += q * (up + p / 2.0)
            over = up + down
            up += p
            down += q
            right, own = up / (up + down), p / (up + down)
            precision += p * right
            mend += own * (1.0 - right)
            harm += own * right
            gap = max(gap, abs(up * every_neg - down * every_pos))
            if over < border:
                top += p * min(1.0, (border - over) / (p + q))
        auc = area / every_pos / every_neg
        precision /= every_pos
        recall = top / every_pos
        found[PRECISION, group] = precision
        found[LIFT, group] = recall / share
        if negatives > 0:
            found[AUC, group], found[KS, group] = auc, gap / every_pos / every_neg
        # The neighbourhood of the border holds the square root of the rows, half on either side.
        near = min(border, every - border, every / np.sqrt(positives + negatives) / 2.0)
        up = down = of_pos = of_neg = wiggle = around = around_pos = 0.0
        cell = np.zeros(4)  # squares of weights: below and above the border, negative, positive
        for r in range(runs):
            p, q, p2, q2 = pos[r], neg[r], pos2[r], neg2[r]
            of_pos += p2 * (every_neg * (1.0 - auc) - down - q / 2.0) ** 2
            of_neg += q2 * (up + p / 2.0 - every_pos * auc) ** 2
            first = up + down
            up += p
            down += q
            right, own = up / (up + down), p / (up + down)
            wiggle += p2 * (right - precision + mend) ** 2 + q2 * harm * harm
            mend -= own * (1.0 - right)
            harm -= own * right
            inside = 1.0 if up + down <= border else 0.0
            if first < border < up + down:
                inside = (border - first) / (p + q)
            cell[0] += q2 * (1.0 - inside)
            cell[1] += q2 * inside
            cell[2] += p2 * (1.0 - inside)
            cell[3] += p2 * inside
            both = min(up + down, border + near) - max(first, border - near)
            if both > 0.0:
                around += both
                around_pos += both * p / (p + q)
        if positives > 1 and negatives > 1:
            of_pos *= positives / (positives - 1)
            of_neg *= negatives / (negatives - 1)
            found[AUC_VARIANCE, group] = (of_pos + of_neg) / (every_pos * every_neg) ** 2
        found[PRECISION_VARIANCE, group] = wiggle / every_pos / every_pos
        if around > 0.0:
            local = around_pos / around
            slopes = (
                local * share,
                -local * (1.0 - share),
                -recall + local * share,
                1.0 - recall - local * (1.0 - share),
            )
            found[LIFT_VARIANCE, group] = 0.0
            for c in range(4):
                slope = slopes[c] / share / every_pos
                found[LIFT_VARIANCE, group] += cell[c] * slope * slope
    return found
