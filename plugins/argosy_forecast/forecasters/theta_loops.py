"""The dynamic optimised theta model, series by series.

A theta model forecasts by a level that is smoothed exponentially and a share of the line through
what came so far. Its three numbers are those that leave the smallest squares of one-step errors
from the fourth step on. Errors are linear in the first level and in the share, so these two are
solved for, and the smoothing alone is searched, over ever finer grids.

Source: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, "Models for optimising the theta
method and their relationship to state space models", International Journal of Forecasting 32
(2016). There the share is 1 - 1 / theta, and all three numbers are searched by a simplex.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@compiled
def seasons(values: Floats, begins: Ints, period: int) -> tuple[Floats, Ints]:
    """Return the seasons of series by classical decomposition.

    A series has them where its autocorrelation at their length is beyond the 90 % band that
    Bartlett's formula gives, over three of them at least.

    Args:
        values: shape (S, T).
        begins: where each series has its first reading; shape (S,).
        period: steps of a season.

    Returns:
        What stands for each step of a season, counted from `begins`, shape (S, period); and whether
        these are factors (1), terms (0), or there are none (-1).
    """
    found = np.zeros((len(values), period))
    kinds = np.full(len(values), -1, np.int64)
    for s in range(len(values)):
        y = values[s, begins[s] :]
        n = len(y)
        if period < 2 or n < 3 * period:
            continue
        mean = 0.0
        for value in y:
            mean += value
        mean /= n
        whole = 0.0
        for value in y:
            whole += (value - mean) ** 2
        if whole == 0.0:
            continue
        squares, last = 0.0, 0.0
        for lag in range(1, period + 1):
            squares += last * last
            last = 0.0
            for t in range(lag, n):
                last += (y[t] - mean) * (y[t - lag] - mean)
            last /= whole
        if abs(last) <= 1.6448536269514722 * math.sqrt((1 + 2 * squares) / n):
            continue
        factors = y.min() > 0
        half = period // 2
        count = np.zeros(period)
        for t in range(half, n - half):
            trend = 0.0
            for back in range(-half, half + 1):
                weight = 0.5 if period % 2 == 0 and abs(back) == half else 1.0
                trend += weight * y[t + back]
            trend /= period
            found[s, t % period] += y[t] / trend if factors else y[t] - trend
            count[t % period] += 1
        middle = 0.0
        for place in range(period):
            found[s, place] /= count[place]
            middle += found[s, place] / period
        for place in range(period):
            if factors:
                found[s, place] /= middle
            else:
                found[s, place] -= middle
        kinds[s] = 1 if factors else 0
    return found, kinds


@compiled
def theta_forecasts(values: Floats, begins: Ints, leads: Ints) -> Floats:
    """Return what follows series without seasons.

    Args:
        values: shape (S, T).
        begins: where each series has its first reading; shape (S,).
        leads: steps after the end, ascending; shape (H,).

    Returns:
        Shape (S, H); NaN where a series has fewer than five readings.

    Example:
        >>> line = 10.0 + np.arange(40.0)[None]
        >>> theta_forecasts(line, np.array([0]), np.array([1, 2])).round(0).tolist()
        [[50.0, 51.0]]
    """
    found = np.full((len(values), len(leads)), np.nan)
    for s in range(len(values)):
        y = values[s, begins[s] :]
        n = len(y)
        if n < 5:
            continue
        lines = np.empty((n, 2))  # intercept and slope of the line through all before
        mean, intercept, slope = y[0], y[0], 0.0
        for i in range(1, n):
            lines[i, 0], lines[i, 1] = intercept, slope
            before = mean
            mean = (i * before + y[i]) / (i + 1)
            slope = ((i - 1) * slope + 6 * (y[i] - before) / (i + 1)) / (i + 2)
            intercept = mean - slope * (i + 2) / 2
        least, alpha, start, share = np.inf, 0.5, y[0], 0.5
        low, high = 0.1, 0.99
        for _ in range(6):
            width = (high - low) / 8
            for point in range(9):
                tried = low + point * width
                decay, level = 1.0, tried * y[0]
                pp, pg, gg, pr, gr, rr = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                for i in range(1, n):
                    decay *= 1 - tried
                    line = lines[i, 0] * decay + lines[i, 1] * (1 - decay * (1 - tried)) / tried
                    if i >= 3:
                        rest = y[i] - level
                        pp += decay * decay
                        pg += decay * line
                        gg += line * line
                        pr += decay * rest
                        gr += line * rest
                        rr += rest * rest
                    level = tried * y[i] + (1 - tried) * level
                both = pp * gg - pg * pg
                one = (gg * pr - pg * gr) / both if both > 1e-12 * pp * gg else y[0]
                two = (gr - pg * one) / gg if gg > 0 else 0.0
                if two < 0.0 or two > 1.0:
                    two = min(max(two, 0.0), 1.0)
                    one = (pr - pg * two) / pp if pp > 0 else y[0]
                loss = rr - 2 * (one * pr + two * gr)
                loss += one * one * pp + 2 * one * two * pg + two * two * gg
                if loss < least:
                    least, alpha, start, share = loss, tried, one, two
            low, high = max(0.1, alpha - width), min(0.99, alpha + width)
        decay, level = 1.0, alpha * y[0] + (1 - alpha) * start
        mean, intercept, slope = y[0], y[0], 0.0
        place = 0
        for i in range(1, n + leads[-1]):
            decay *= 1 - alpha
            line = intercept * decay + slope * (1 - decay * (1 - alpha)) / alpha
            value = level + share * line
            if i < n:
                value = y[i]
            elif i - n + 1 == leads[place]:
                found[s, place] = value
                place += 1
            level = alpha * value + (1 - alpha) * level
            before = mean
            mean = (i * before + value) / (i + 1)
            slope = ((i - 1) * slope + 6 * (value - before) / (i + 1)) / (i + 2)
            intercept = mean - slope * (i + 2) / 2
    return found
