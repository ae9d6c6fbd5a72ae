"""The loop over the rows in the order of their scores: what one threshold would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Flags, Floats, Ints

KS, LIFT, LIFT_VARIANCE, LIFT_BATCHED = range(4)
"""The first axis of what `scan` finds."""


@compiled
def scan(
    truth: Floats,
    score: Floats,
    weight: Floats,
    places: Ints,
    starts: Ints,
    lengths: Ints,
    use: Flags,
    share: float,
    batch: Ints,
    counts: Ints,
) -> Floats:
    """Measure each group at the threshold that separates best, and at one that passes a share.

    Rows of equal score are a run: no threshold falls between them.

    - KS is the greatest difference of the two distributions.
    - Lift is the share of positives among the first `share` of the weight, over `share`; the run
      that the threshold cuts counts in part. In its variance the threshold moves too: how much that
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
        batch: of each row, where rows depend on each other.
        counts: how many batches each group has.

    Returns:
        Shape (4, groups); NaN in a group without positives, and KS in one of one class.

    Source: Jaeckel, "The infinitesimal jackknife", 1972, for the variance.
    """
    groups = len(lengths)
    found = np.full((4, groups), np.nan)
    longest, most = 1, 1
    for length in lengths:
        longest = max(longest, length)
    for count in counts:
        most = max(most, count)
    parts, within = np.empty(most), np.empty(longest)  # how much of each run lies above the border
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
                yes = 1 if truth[row] == 1.0 else 0
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
        up = down = gap = top = 0.0
        for r in range(runs):
            p, q = pos[r], neg[r]
            over = up + down
            up += p
            down += q
            if over < border:
                top += p * min(1.0, (border - over) / (p + q))
            gap = max(gap, abs(up * every_neg - down * every_pos))
        recall = top / every_pos
        found[LIFT, group] = recall / share
        if negatives > 0:
            found[KS, group] = gap / every_pos / every_neg
        # The neighbourhood of the border holds the square root of the rows, half on either side.
        near = min(border, every - border, every / np.sqrt(positives + negatives) / 2.0)
        up = down = around = around_pos = 0.0
        cell = np.zeros(4)  # squares of weights: below and above the border, negative, positive
        for r in range(runs):
            p, q, p2, q2 = pos[r], neg[r], pos2[r], neg2[r]
            first = up + down
            up += p
            down += q
            inside = 1.0 if up + down <= border else 0.0
            if first < border < up + down:
                inside = (border - first) / (p + q)
            within[r] = inside
            cell[0] += q2 * (1.0 - inside)
            cell[1] += q2 * inside
            cell[2] += p2 * (1.0 - inside)
            cell[3] += p2 * inside
            both = min(up + down, border + near) - max(first, border - near)
            if both > 0.0:
                around += both
                around_pos += both * p / (p + q)
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
            if counts[group] < 2:
                continue
            count = counts[group]
            parts[:count] = 0.0
            last, r = np.nan, -1
            for k in range(starts[group] + lengths[group] - 1, starts[group] - 1, -1):
                row = places[k]
                if weight[row] > 0.0:
                    if score[row] != last:
                        last = score[row]
                        r += 1
                    yes = 2 if truth[row] == 1.0 else 0
                    slope = slopes[yes] + within[r] * (slopes[yes + 1] - slopes[yes])
                    parts[batch[row]] += weight[row] * slope / share / every_pos
            squares = 0.0
            for b in range(count):
                squares += parts[b] * parts[b]
            found[LIFT_BATCHED, group] = squares * count / (count - 1.0)
    return found
