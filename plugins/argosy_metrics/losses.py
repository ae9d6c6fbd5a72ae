"""Loops over probabilities: the losses they incur, and how well they are calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Floats, Ints

MEAN, VARIANCE, BATCHED = range(3)
"""The first axis of what `means` finds."""

ANY, MISSING, IMPROBABLE = 1, 2, 4
"""Bits of the flags of scores: some are there, some are missing, some are no probabilities."""

NEARLY = 1e-6
"""How far outside 0 and 1 a probability may land in single precision."""

WHOLE = 1e-5
"""How far from 1 the probabilities of a row may sum up."""


@compiled
def means(
    losses: Floats, weight: Floats, starts: Ints, lengths: Ints, batch: Ints, counts: Ints
) -> Floats:
    """Average each group's losses by weight, and find the variance of the average.

    The variance is Σ w² (loss - mean)² / W² with the factor n / (n - 1), which without weights is
    that of a sample mean. Where rows are batched, it is told by batches too.

    Returns:
        Shape (3, groups); NaN where nothing has weight, and the variance of a single row or batch.

    Source: Hansen and Hurwitz, Annals of Mathematical Statistics 14 (1943).

    Example:
        >>> losses, weight = np.array([1.0, 3.0, 9.0]), np.array([1.0, 1.0, 0.0])
        >>> every, none = (np.array([0]), np.array([3])), (np.zeros(3, int), np.array([0]))
        >>> means(losses, weight, *every, *none).tolist()
        [[2.0], [1.0], [nan]]
    """
    found = np.full((3, len(lengths)), np.nan)
    most = 1
    for count in counts:
        most = max(most, count)
    parts = np.empty(most)
    for group in range(len(lengths)):
        start, stop = starts[group], starts[group] + lengths[group]
        total = every = 0.0
        n = 0
        for head in range(start, stop, 256):  # in parts, which keeps the digits of small ones
            part = rows = 0.0
            for k in range(head, min(head + 256, stop)):
                w = weight[k]
                if w > 0.0:
                    part += w * losses[k]
                    rows += w
                    n += 1
            total += part
            every += rows
        if n == 0:
            continue
        mean = total / every
        found[MEAN, group] = mean
        if n > 1:
            squares = 0.0
            for k in range(start, stop):
                if weight[k] > 0.0:
                    share = weight[k] * (losses[k] - mean)
                    squares += share * share
            found[VARIANCE, group] = squares / every / every * n / (n - 1.0)
        count = counts[group]
        if count > 1:
            parts[:count] = 0.0
            for k in range(start, stop):
                if weight[k] > 0.0:
                    parts[batch[k]] += weight[k] / every * (losses[k] - mean)
            squares = 0.0
            for b in range(count):
                squares += parts[b] * parts[b]
            found[BATCHED, group] = squares * count / (count - 1.0)
    return found


@compiled
def judged(score: Floats, weight: Floats, starts: Ints, lengths: Ints) -> Ints:
    """Return the flags of scores, rows of weight zero left out."""
    flags = np.zeros(len(lengths), np.int64)
    for group in range(len(lengths)):
        found = 0
        for k in range(starts[group], starts[group] + lengths[group]):
            s = score[k]
            inside = -NEARLY <= s <= 1.0 + NEARLY
            missing = MISSING if np.isnan(s) else ANY | IMPROBABLE
            found |= (ANY if inside else missing) if weight[k] > 0.0 else 0
        flags[group] = found
    return flags


def surprise(truth_score: Floats, least: float) -> Floats:
    """Return the logarithmic loss of every row, its probability kept `least` away from 0 and 1."""
    losses = np.clip(truth_score, least, 1.0 - least)
    np.log(losses, out=losses)  # many at a time, which a compiled loop does not
    return np.negative(losses, out=losses)


@compiled
def squared_distance(truth: Floats, score: Floats) -> Floats:
    """Return the squared distance of every row's probability from what came true, 0 or 1."""
    losses = np.empty(len(truth))
    for k in range(len(truth)):
        losses[k] = (min(max(score[k], 0.0), 1.0) - (truth[k] == 1.0)) ** 2
    return losses


@compiled
def reduced(
    truth: Floats, probabilities: Floats, classes: Ints, weight: Floats, starts: Ints, lengths: Ints
) -> tuple[Floats, Floats, Floats, Ints]:
    """Reduce each row's probabilities to what losses need.

    Args:
        truth: class codes; one that is no class has no probability.
        probabilities: row-major, `classes` per row.
        classes: 0 in groups without probabilities.
        weight: at least 0.
        starts: where each group's rows begin.
        lengths: how many rows it has.

    Returns:
        Of every row the squared distance to what came true, summed over classes; the greatest
        probability; whether its class came true (the first of equals). Of every group the flags.
    """
    rows = len(truth)
    distance, top, right = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    flags = np.zeros(len(lengths), np.int64)
    first = 0
    for group in range(len(lengths)):
        size = classes[group]
        for k in range(starts[group], starts[group] + lengths[group]):
            if size == 0:
                continue
            total, best = 0.0, 0
            distance[k] = 1.0  # of the class that came true, until it is found
            odd = missing = False
            for c in range(size):
                p = probabilities[first + c]
                missing |= np.isnan(p)
                odd |= not -NEARLY <= p <= 1.0 + NEARLY
                total += p
                if p > probabilities[first + best]:
                    best = c
                p = min(max(p, 0.0), 1.0)
                distance[k] += (1.0 - p) ** 2 - 1.0 if truth[k] == c else p * p
            first += size
            top[k] = min(max(probabilities[first - size + best], 0.0), 1.0)
            right[k] = truth[k] == best
            if weight[k] > 0.0:
                if missing:
                    flags[group] |= MISSING
                else:
                    odd |= abs(total - 1.0) > WHOLE
                    flags[group] |= ANY | (IMPROBABLE if odd else 0)
    return distance, top, right, flags


@compiled
def miscalibration(
    confidence: Floats, right: Floats, weight: Floats, starts: Ints, lengths: Ints, edges: Floats
) -> Floats:
    """Average over bins how far the share of hits is from the mean confidence, by weight.

    Args:
        confidence: from 0 to 1.
        right: 1 where what it is the confidence in came true, else 0.
        weight: at least 0.
        starts: where each group begins.
        lengths: how many rows it has.
        edges: of the bins, from 0 to 1; a bin holds its upper edge.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015; Guo et al., ICML 2017.

    Example:
        >>> sure, right = np.array([0.6, 0.8, 0.1]), np.array([1.0, 1.0, 0.0])
        >>> every, edges = (np.array([0]), np.array([3])), np.array([0.0, 0.5, 1.0])
        >>> miscalibration(sure, right, np.ones(3), *every, edges).round(4).tolist()
        [0.2333]
    """
    bins = len(edges) - 1
    found = np.full(len(lengths), np.nan)
    gaps = np.zeros(bins)
    for group in range(len(lengths)):
        gaps[:] = 0.0
        every = 0.0
        for k in range(starts[group], starts[group] + lengths[group]):
            w, p = weight[k], min(max(confidence[k], 0.0), 1.0)
            if w > 0.0 and 0.0 <= p <= 1.0:
                b = min(int(p * bins), bins - 1)
                while b > 0 and p <= edges[b]:
                    b -= 1
                while b < bins - 1 and p > edges[b + 1]:
                    b += 1
                gaps[b] += w * (right[k] - p)
                every += w
        if every > 0.0:
            total = 0.0
            for gap in gaps:
                total += abs(gap)
            found[group] = total / every
    return found
