"""Loops over class codes: which truths and predictions agree, and how surely.

Every metric here is a function of the weight in each cell of the confusion matrix, so its variance
is Σ w² d² over the rows, d being its derivative by the weight of the row's cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Flags, Floats, Ints

ACCURACY, BALANCED, F1_MACRO, MCC = range(4)
"""The first axis of what `agreement` finds."""

VALUE, VARIANCE, SIZE, BATCHED = range(4)
"""The second: the value, its variance, the effective number of rows, the variance by batches."""

ONE_TRUTH, ONE_PREDICTION, NO_CODES = 1, 2, 4
"""Bits of the flags: one class in the truth, one in the predictions, codes that are none."""

MOST = 1 << 20
"""The most classes that are counted; more are no classes."""


@compiled
def cells(
    truth: Floats, prediction: Floats, weight: Floats, starts: Ints, lengths: Ints
) -> tuple[Floats, Floats, Flags]:
    """Add up weights and their squares where truth and prediction are 1 or not.

    Returns:
        Both of shape (4, groups): neither is 1, the prediction alone, the truth alone, both. And
        whether they are the confusion matrix: no row with weight is of another class than 0 and 1.
    """
    groups = len(lengths)
    sums, squares = np.zeros((4, groups)), np.zeros((4, groups))
    plain = np.ones(groups, np.bool_)
    one, two = np.empty(4), np.empty(4)
    for group in range(groups):
        one[:] = 0.0
        two[:] = 0.0
        odd = False
        for k in range(starts[group], starts[group] + lengths[group]):
            t, p, w = truth[k], prediction[k], weight[k]
            cell = 2 * (t == 1.0) + (p == 1.0)
            one[cell] += w
            two[cell] += w * w
            odd |= (w > 0.0) & (((t != 0.0) & (t != 1.0)) | ((p != 0.0) & (p != 1.0)))
        sums[:, group] = one
        squares[:, group] = two
        plain[group] = not odd
    return sums, squares, plain


@compiled
def right(
    truth: Floats, prediction: Floats, weight: Floats, starts: Ints, lengths: Ints
) -> tuple[Ints, Ints]:
    """Count the rows of each group whose prediction is right, and all of them.

    Example:
        >>> truth, said, spans = np.array([1.0, 2.0]), np.ones(2), (np.array([0]), np.array([2]))
        >>> [each.tolist() for each in right(truth, said, np.ones(2), *spans)]
        [[1], [2]]
    """
    groups = len(lengths)
    hits, rows = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    for group in range(groups):
        for k in range(starts[group], starts[group] + lengths[group]):
            if weight[k] > 0.0:
                rows[group] += 1
                hits[group] += truth[k] == prediction[k]
    return hits, rows


@compiled
def agreement(
    truth: Floats,
    prediction: Floats,
    weight: Floats,
    starts: Ints,
    lengths: Ints,
    sums: Floats,
    squares: Floats,
    plain: Flags,
    batch: Ints,
    counts: Ints,
) -> tuple[Floats, Ints]:
    """Measure accuracy, balanced accuracy, macro F1 and the correlation of Matthews.

    Where the confusion matrix has fewer cells than the group has rows, it takes their place; that
    of two classes is what `cells` found.

    Returns:
        Shape (4, 4, groups), the axes named above, and the flags of shape (groups,).

    Source: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010;
    Opitz and Burst, "Macro F1 and Macro F1", 2019, the average of F1 scores; Gorodkin,
    Computational Biology and Chemistry 28 (2004), for the correlation of several classes.
    """
    groups = len(lengths)
    found = np.full((4, 4, groups), np.nan)
    flags = np.zeros(groups, np.int64)
    longest = 1
    for length in lengths:
        longest = max(longest, length)
    t, p = np.empty(longest, np.int64), np.empty(longest, np.int64)
    w, w2 = np.empty(longest), np.empty(longest)
    truths, calls, hits = np.zeros(8), np.zeros(8), np.zeros(8)
    seen2 = np.zeros(8)
    most = 1
    for count in counts:
        most = max(most, count)
    parts, slopes = np.empty((4, most)), np.empty((4, longest + 4 if most > 1 else 1))
    for group in range(groups):
        start, stop = starts[group], starts[group] + lengths[group]
        classes, n, collapsed = 0, 0, False
        if plain[group] and stop - start >= 4:
            if sums[:, group].sum() == 0.0:
                continue
            classes, n, collapsed = 2, 4, True
            for cell in range(4):
                t[cell], p[cell] = cell // 2, cell % 2
                w[cell], w2[cell] = sums[cell, group], squares[cell, group]
            stop = start
        for k in range(start, stop):
            if weight[k] > 0.0:
                a, b = truth[k], prediction[k]
                if not (0.0 <= a < MOST and 0.0 <= b < MOST and a == int(a) and b == int(b)):
                    flags[group] |= NO_CODES
                    break
                t[n], p[n] = int(a), int(b)
                w[n] = weight[k]
                w2[n] = weight[k] * weight[k]
                classes = max(classes, t[n] + 1, p[n] + 1)
                n += 1
        if n == 0 or flags[group] & NO_CODES:
            continue
        if classes > len(truths):
            truths, calls, hits = np.zeros(classes), np.zeros(classes), np.zeros(classes)
            seen2 = np.zeros(classes)
        matrix = classes * classes
        if matrix <= n and stop > start:
            one, two = np.zeros(matrix), np.zeros(matrix)
            for k in range(n):
                cell = t[k] * classes + p[k]
                one[cell] += w[k]
                two[cell] += w2[k]
            n, collapsed = matrix, True
            for cell in range(n):
                t[cell], p[cell] = cell // classes, cell % classes
                w[cell], w2[cell] = one[cell], two[cell]
        for each in (truths, calls, hits, seen2):
            each[:classes] = 0.0
        total = total2 = hit = 0.0
        for k in range(n):
            truths[t[k]] += w[k]
            calls[p[k]] += w[k]
            seen2[t[k]] += w2[k]
            total += w[k]
            total2 += w2[k]
            if t[k] == p[k]:
                hits[t[k]] += w[k]
                hit += w[k]
        accuracy = hit / total
        # Sums over classes: recalls, F1 scores, what the correlation needs, effective sizes.
        occur = either = 0
        recalls = scores = chance = spread_t = spread_p = before_t = before_p = thin = 0.0
        for c in range(classes):
            if truths[c] > 0.0:
                occur += 1
                recalls += hits[c] / truths[c]
                thin += seen2[c] / truths[c] / truths[c]
            if truths[c] + calls[c] > 0.0:
                either += 1
                scores += 2.0 * hits[c] / (truths[c] + calls[c])
            chance += truths[c] * calls[c]
            spread_t += 2.0 * truths[c] * before_t
            spread_p += 2.0 * calls[c] * before_p
            before_t += truths[c]
            before_p += calls[c]
        balanced, f1 = recalls / occur, scores / either
        flags[group] |= ONE_TRUTH * (spread_t == 0.0) + ONE_PREDICTION * (spread_p == 0.0)
        scale = np.sqrt(spread_t) * np.sqrt(spread_p)
        covariance = hit * total - chance
        if classes == 2:  # the same without the difference of great numbers
            misses = (calls[1] - hits[1], truths[1] - hits[1])
            if matrix == n:
                misses = (w[1], w[2])
            covariance = 2.0 * (hits[0] * hits[1] - misses[0] * misses[1])
        correlation = covariance / scale
        variance, batched = np.zeros(4), counts[group] > 1
        for k in range(n):
            c, d, right = t[k], p[k], 1.0 if t[k] == p[k] else 0.0
            if w2[k] == 0.0:
                continue
            slope = (right - accuracy) / total
            variance[ACCURACY] += w2[k] * slope * slope
            if batched:
                slopes[ACCURACY, k] = slope
            slope = (right - hits[c] / truths[c]) / truths[c] / occur
            variance[BALANCED] += w2[k] * slope * slope
            if batched:
                slopes[BALANCED, k] = slope
            own, other = truths[c] + calls[c], truths[d] + calls[d]
            slope = right * 2.0 / own - hits[c] * 2.0 / own / own - hits[d] * 2.0 / other / other
            variance[F1_MACRO] += w2[k] * slope * slope / either / either
            if batched:
                slopes[F1_MACRO, k] = slope / either
            slope = (right * total + hit - calls[c] - truths[d]) / scale - correlation * (
                (total - calls[d]) / spread_p + (total - truths[c]) / spread_t
            )
            variance[MCC] += w2[k] * slope * slope
            if batched:
                slopes[MCC, k] = slope
        if batched:
            count, at = counts[group], 0
            parts[:, :count] = 0.0
            for k in range(starts[group], starts[group] + lengths[group]):
                if weight[k] > 0.0:
                    cell = at
                    if collapsed:
                        cell = int(truth[k]) * classes + int(prediction[k])
                    at += 1
                    for metric in range(4):
                        parts[metric, batch[k]] += weight[k] * slopes[metric, cell]
            for metric in range(4):
                added = 0.0
                for b in range(count):
                    added += parts[metric, b] * parts[metric, b]
                found[metric, BATCHED, group] = added * count / (count - 1.0)
        values = (accuracy, balanced, f1, correlation)
        sizes = (total * total / total2, occur * occur / thin, occur * occur / thin, np.nan)
        for metric in range(4):
            found[metric, VALUE, group] = values[metric]
            found[metric, VARIANCE, group] = variance[metric]
            found[metric, SIZE, group] = sizes[metric]
    return found, flags
