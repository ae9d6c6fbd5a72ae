"""One loop over truths and numeric predictions: every average of their differences."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_scores.groups import Floats, Ints

MAE, MSE, BIAS, MAPE, SMAPE, WAPE, PINBALL, R2, MAX = range(9)
"""The first axis of what `errors` finds."""

VALUE, VARIANCE = range(2)
"""The second axis."""

NOT_FINITE, ALL_EQUAL, TRUTH_ZERO, ALL_ZERO = 1, 2, 4, 8
"""Bits of the flags: an error that is no number, truths that are all alike, a truth of zero, no
truth that is another."""

UNDEFINED, LEAVE_OUT, LEAST = range(3)
"""What a truth of zero does to MAPE: undefined, leave the row out, divide by the least number."""

EPSILON = sys.float_info.epsilon


@compiled
def errors(
    truth: Floats,
    prediction: Floats,
    weight: Floats,
    starts: Ints,
    lengths: Ints,
    zero: int,
    quantile: float,
) -> tuple[Floats, Floats, Ints]:
    """Measure each group in one walk for the values, and one for their variances.

    Each value is an average of terms z, or a ratio of two averages R = z / y, so its variance is
    Σ w² (z - R y)² / (Σ w y)², with the factor n / (n - 1).

    Args:
        truth: end to end.
        prediction: likewise.
        weight: at least 0; rows of weight zero are passed over.
        starts: where each group begins.
        lengths: how many rows it has.
        zero: one of `UNDEFINED`, `LEAVE_OUT` and `LEAST`.
        quantile: which the predictions are of, for the pinball loss.

    Returns:
        Shape (9, 2, groups); the sum of the weights, and the flags, of shape (groups,).

    Source: Koenker and Bassett, Econometrica 46 (1978), for the pinball loss; Hyndman and
    Koehler, International Journal of Forecasting 22 (2006), for MAPE and its kin.
    """
    groups = len(lengths)
    found = np.full((9, 2, groups), np.nan)
    weights, flags = np.zeros(groups), np.zeros(groups, np.int64)
    z, y, part, base = np.zeros(8), np.zeros(8), np.zeros(8), np.zeros(8)
    sums, bases = np.zeros(8), np.zeros(8)
    for group in range(groups):
        start, stop = starts[group], starts[group] + lengths[group]
        n, every, level, greatest = 0, 0.0, 0.0, 0.0
        low, high, zeros = np.inf, -np.inf, 0
        for k in range(start, stop):
            if weight[k] > 0.0:
                n += 1
                every += weight[k]
                t = truth[k]
                if not np.isfinite(prediction[k] - t):
                    flags[group] |= NOT_FINITE
                low, high = min(low, t), max(high, t)
                zeros += t == 0.0
                greatest = max(greatest, abs(prediction[k] - t))
        weights[group] = every
        flags[group] |= (
            ALL_EQUAL * (low == high) + TRUTH_ZERO * (zeros > 0) + ALL_ZERO * (zeros == n)
        )
        if n == 0 or flags[group] & NOT_FINITE:
            continue
        for k in range(start, stop):
            if weight[k] > 0.0:
                level += weight[k] / every * (truth[k] - low)
        level += low
        sums[:], bases[:] = 0.0, 0.0
        for walk in range(2):
            spreads = np.zeros(8)
            for head in range(start, stop, 256):  # in parts, which keeps the digits of small ones
                part[:], base[:] = 0.0, 0.0
                for k in range(head, min(head + 256, stop)):
                    w, t = weight[k] / every, truth[k]
                    if w == 0.0:
                        continue
                    e = prediction[k] - t
                    size, about = abs(e), abs(t)
                    scale = about + abs(prediction[k])
                    y[:] = 1.0
                    z[MAE], z[MSE], z[BIAS] = size, e * e, e
                    z[MAPE] = size / max(about, EPSILON if zero == LEAST else 0.0)
                    if zero == LEAVE_OUT and about == 0.0:
                        z[MAPE], y[MAPE] = 0.0, 0.0
                    z[SMAPE] = 2.0 * (size / scale) if scale > 0.0 else 0.0
                    z[WAPE], y[WAPE] = size, about
                    z[PINBALL] = -quantile * e if e < 0.0 else (1.0 - quantile) * e
                    z[R2], y[R2] = e * e, (t - level) ** 2
                    for c in range(8):
                        if walk == 0:
                            part[c] += w * z[c]
                            base[c] += w * y[c]
                        else:
                            slope = w * (z[c] - found[c, VALUE, group] * y[c]) / bases[c]
                            spreads[c] += slope * slope
                for c in range(8):
                    sums[c] += part[c]
                    bases[c] += base[c]
            for c in range(8):
                if walk == 0:
                    found[c, VALUE, group] = sums[c] / bases[c]
                elif n > 1:
                    found[c, VARIANCE, group] = spreads[c] * n / (n - 1.0)
        found[MAX, VALUE, group] = greatest
    return found, weights, flags
