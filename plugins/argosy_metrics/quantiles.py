"""Quantiles by weight, and how far sampling may carry them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Floats, Ints

VALUE, LOWER, UPPER, WORTH = range(4)
"""The first axis of what `quantiles` finds."""

EPSILON = 4 * sys.float_info.epsilon


@compiled
def quantiles(
    values: Floats,
    weight: Floats,
    places: Ints,
    starts: Ints,
    lengths: Ints,
    at: float,
    halfway: bool,
    z: Floats,
    batch: Ints,
    counts: Ints,
) -> Floats:
    """Find a quantile of each group, and the order statistics that bound it.

    The quantile is the least value that at least `at` of the weight does not exceed. Its interval
    runs between the quantiles at `at` ± z s, where s² = Σ w² ([value ≤ quantile] - at)² / W² is
    the variance of the share below it, or what is expected of it if that is more: few rows may
    have none beyond the quantile. Where rows are batched s² is told by batches. Between two values
    it is interpolated, since order statistics alone leap over the confidence that is wanted.

    Args:
        values: NaN is passed over.
        weight: at least 0; rows of weight zero are passed over.
        places: what `argosy.kernels.order` says of the values.
        starts: where each group begins.
        lengths: how many rows it has.
        at: which quantile, from 0 to 1.
        halfway: take the mean of two values between which exactly `at` of the weight lies.
        z: how many standard errors the confidence wants in each group.
        batch: of each row, where rows depend on each other.
        counts: how many batches each group has.

    Returns:
        Shape (4, groups), the last how many independent rows a group's are worth; NaN where there
        is nothing, and an end beyond the values.

    Source: Hyndman and Fan, The American Statistician 50 (1996), definitions 1 and, halfway, 2;
    Woodruff, JASA 47 (1952).

    Example:
        >>> values, every = np.array([1.0, 2.0, 4.0]), (np.array([0]), np.array([3]))
        >>> how = 0.5, True, np.array([1.96]), np.zeros(3, int), np.array([0])
        >>> found = quantiles(values, np.ones(3), np.arange(3), *every, *how)
        >>> float(found[VALUE, 0])
        2.0
    """
    found = np.full((4, len(lengths)), np.nan)
    most = 1
    for count in counts:
        most = max(most, count)
    parts = np.empty(most)
    for group in range(len(lengths)):
        start, stop = starts[group], starts[group] + lengths[group]
        every, squares = 0.0, 0.0
        for k in range(start, stop):
            if weight[k] > 0.0 and not np.isnan(values[k]):
                every += weight[k]
        if every == 0.0:
            continue
        before, value, after = 0.0, np.nan, np.nan
        for k in range(start, stop):
            row = places[k]
            if weight[row] > 0.0 and not np.isnan(values[row]):
                before += weight[row]
                if np.isnan(value) and before >= every * (at - EPSILON):
                    value = values[row]
                if before > every * (at + EPSILON):
                    after = values[row]
                    break
        found[VALUE, group] = value
        if halfway and not np.isnan(after):
            found[VALUE, group] = value + (after - value) / 2.0
        expected = 0.0
        for k in range(start, stop):
            if weight[k] > 0.0 and not np.isnan(values[k]):
                w = weight[k] / every
                squares += (w * ((values[k] <= value) - at)) ** 2
                expected += w * w * at * (1.0 - at)
        variance, count = max(squares, expected), counts[group]
        if count > 1:
            parts[:count] = 0.0
            rows = 0
            for k in range(start, stop):
                if weight[k] > 0.0 and not np.isnan(values[k]):
                    rows += 1
                    parts[batch[k]] += weight[k] / every * ((values[k] <= value) - at)
            total = 0.0
            for b in range(count):
                total += parts[b] * parts[b]
            total *= count / (count - 1.0)
            worth = rows * min(variance / total, 1.0)
            found[WORTH, group] = worth
            variance = total * (1.0 + count / worth) if count == 10 else total
        margin = z[group] * np.sqrt(variance)
        low, high = every * (at - margin), every * (at + margin)
        before, previous = 0.0, np.nan
        for k in range(start, stop):
            row = places[k]
            if weight[row] > 0.0 and not np.isnan(values[row]):
                value, w = values[row], weight[row]
                step = value - previous if before > 0.0 else 0.0
                if before < low <= before + w:
                    found[LOWER, group] = value - step * (before + w - low) / w
                if before < high <= before + w:
                    found[UPPER, group] = value - step * (before + w - high) / w
                    break
                before += w
                previous = value
    return found
