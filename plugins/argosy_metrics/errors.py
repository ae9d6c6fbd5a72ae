"""One loop over truths and numeric predictions: every average of their differences."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from argosy_metrics.groups import Floats, Ints

MAE, MSE, BIAS, MAPE, SMAPE, WAPE, PINBALL, R2, MAX = range(9)
"""The first axis of what `errors` finds."""

VALUE, VARIANCE, BATCHED = range(3)
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
    batch: Ints,
    counts: Ints,
) -> tuple[Floats, Floats, Ints]:
    """Measure each group in one walk for the values, and one for their variances.

    Each value is an average of terms z, or a ratio of two averages R = z / y, so its variance is
    Σ w² (z - R y)² / (Σ w y)², with the factor n / (n - 1). Where rows are batched, it is told by
    batches too.

    Args:
        truth: end to end.
        prediction: likewise.
        weight: at least 0; rows of weight zero are passed over.
        starts: where each group begins.
        lengths: how many rows it has.
        zero: one of `UNDEFINED`, `LEAVE_OUT` and `LEAST`.
        quantile: which the predictions are of, for the pinball loss.
        batch: of each row, where rows depend on each other.
        counts: how many batches each group has.

    Returns:
        Shape (9, 3, groups); the sum of the weights, and the flags, of shape (groups,).

    Source: Koenker and Bassett, Econometrica 46 (1978), for the pinball loss; Hyndman and
    Koehler, International Journal of Forecasting 22 (2006), for MAPE and its kin.
    """
    groups = len(lengths)
    found = np.full((9, 3, groups), np.nan)
    weights, flags = np.zeros(groups), np.zeros(groups, np.int64)
    longest = 1
    for length in lengths:
        longest = max(longest, length)
    portion = np.empty(longest)
    most = 1
    for count in counts:
        most = max(most, count)
    parts = np.empty((most, 8))
    for group in range(groups):
        start, stop = starts[group], starts[group] + lengths[group]
        n, every, level, greatest = 0, 0.0, 0.0, 0.0
        low, high, zeros, odd = np.inf, -np.inf, 0, False
        for k in range(start, stop):
            if weight[k] > 0.0:
                t = truth[k]
                size = abs(prediction[k] - t)
                n += 1
                every += weight[k]
                odd |= not size < np.inf
                low, high = min(low, t), max(high, t)
                zeros += t == 0.0
                greatest = max(greatest, size)
        weights[group] = every
        flags[group] = (
            NOT_FINITE * odd
            + ALL_EQUAL * (low == high)
            + TRUTH_ZERO * (zeros > 0)
            + ALL_ZERO * (zeros == n)
        )
        if n == 0 or odd:
            continue
        for k in range(start, stop):
            w = weight[k] / every
            portion[k - start] = w
            level += w * (truth[k] - low) if w > 0.0 else 0.0
        level += low
        least = EPSILON if zero == LEAST else 0.0
        mae = mse = bias = mape = smape = pinball = 0.0
        rows = counted = about = around = 0.0
        for head in range(start, stop, 256):  # in parts, which keeps the digits of small ones
            own_mae = own_mse = own_bias = own_mape = own_smape = own_pinball = 0.0
            own_rows = own_counted = own_about = own_around = 0.0
            for k in range(head, min(head + 256, stop)):
                w, t = portion[k - start], truth[k]
                if w == 0.0:
                    continue
                e, size, whole = prediction[k] - t, abs(prediction[k] - t), abs(t)
                scale = whole + abs(prediction[k])
                valid = 0.0 if zero == LEAVE_OUT and whole == 0.0 else 1.0
                own_rows += w
                own_mae += w * size
                own_mse += w * (e * e)
                own_bias += w * e
                own_counted += w * valid
                own_mape += w * (size / max(whole, least)) if valid else 0.0
                own_smape += w * (2.0 * (size / scale)) if scale > 0.0 else 0.0
                own_pinball += w * (-quantile * e if e < 0.0 else (1.0 - quantile) * e)
                own_about += w * whole
                own_around += w * (t - level) ** 2
            rows += own_rows
            mae += own_mae
            mse += own_mse
            bias += own_bias
            counted += own_counted
            mape += own_mape
            smape += own_smape
            pinball += own_pinball
            about += own_about
            around += own_around
        wape, r2 = mae / about, mse / around
        mape, rest = mape / counted, mse / rows
        mae, bias, smape, pinball = mae / rows, bias / rows, smape / rows, pinball / rows
        values = (mae, rest, bias, mape, smape, wape, pinball, r2)
        per_row, per_counted, per_about, per_around = (
            1.0 / rows,
            1.0 / counted,
            1.0 / about,
            1.0 / around,
        )
        count = counts[group]
        parts[:count] = 0.0
        of_mae = of_mse = of_bias = of_mape = of_smape = of_wape = of_pinball = of_r2 = 0.0
        for k in range(start, stop):
            w, t = portion[k - start], truth[k]
            if w == 0.0:
                continue
            e, size, whole = prediction[k] - t, abs(prediction[k] - t), abs(t)
            scale = whole + abs(prediction[k])
            valid = 0.0 if zero == LEAVE_OUT and whole == 0.0 else 1.0
            ratio = size / max(whole, least) if valid else 0.0
            even = 2.0 * (size / scale) if scale > 0.0 else 0.0
            slant = -quantile * e if e < 0.0 else (1.0 - quantile) * e
            one = w * per_row
            by_mae, by_mse, by_bias = one * (size - mae), one * (e * e - rest), one * (e - bias)
            by_mape, by_smape = w * per_counted * (ratio - mape * valid), one * (even - smape)
            by_wape, by_pinball = w * per_about * (size - wape * whole), one * (slant - pinball)
            by_r2 = w * per_around * (e * e - r2 * (t - level) ** 2)
            of_mae += by_mae**2
            of_mse += by_mse**2
            of_bias += by_bias**2
            of_mape += by_mape**2
            of_smape += by_smape**2
            of_wape += by_wape**2
            of_pinball += by_pinball**2
            of_r2 += by_r2**2
            if count > 1:
                own = parts[batch[k]]
                own[0] += by_mae
                own[1] += by_mse
                own[2] += by_bias
                own[3] += by_mape
                own[4] += by_smape
                own[5] += by_wape
                own[6] += by_pinball
                own[7] += by_r2
        spreads = (of_mae, of_mse, of_bias, of_mape, of_smape, of_wape, of_pinball, of_r2)
        for metric in range(8):
            found[metric, VALUE, group] = values[metric]
            if n > 1:
                found[metric, VARIANCE, group] = spreads[metric] * n / (n - 1.0)
            if count > 1:
                squares = 0.0
                for b in range(count):
                    squares += parts[b, metric] * parts[b, metric]
                found[metric, BATCHED, group] = squares * count / (count - 1.0)
        found[MAX, VALUE, group] = greatest
    return found, weights, flags
