"""M4's yardstick: the last value, with the season put back where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def naive2(values: Floats, lengths: Ints, season: int, horizon: int) -> Floats:
    """Forecast every history by its last value, seasonally adjusted where a test finds a season.

    The test: three seasons at least, and the autocorrelation at one season beyond 1.645 standard
    errors of Bartlett's. The adjustment: classical multiplicative decomposition. Where that cannot
    be, as a figure of the season is not positive, the last value is the forecast.

    Args:
        values: histories end to end, without gaps.
        lengths: how many values each has.
        season: how many steps a season has; 1 knows none.
        horizon: how many steps ahead.

    Returns:
        Shape (histories, horizon); NaN where a history is empty or has a gap.

    Source: the organisers' R code of M4 (Makridakis, Spiliotis and Assimakopoulos, International
    Journal of Forecasting 36, 2020), with R's `acf` and `decompose`. R's `acf` ends at the lag
    10 log10(n), so that no season beyond it is found; here it is looked for.

    Example:
        >>> seasonal = np.tile([1.0, 3.0], 8)
        >>> naive2(seasonal, np.array([16]), 2, 3).round(6).tolist()
        [[1.0, 3.0, 1.0]]
        >>> naive2(np.array([4.0, 5.0]), np.array([2]), 2, 2).tolist()
        [[5.0, 5.0]]
    """
    return _forecast(values, lengths, season, horizon)


@compiled
def _forecast(values: Floats, lengths: Ints, season: int, horizon: int) -> Floats:
    found = np.full((len(lengths), horizon), np.nan)
    start = 0
    for series in range(len(lengths)):
        n = lengths[series]
        own = values[start : start + n]
        start += n
        if n == 0 or not np.all(np.isfinite(own)):
            continue
        found[series] = own[n - 1]
        if season < 2 or n < 3 * season:
            continue
        mean = 0.0
        for place in range(n):
            mean += own[place] / n
        spread = 0.0
        for place in range(n):
            spread += (own[place] - mean) ** 2
        if not spread > 0:
            continue
        squares = 1.0
        correlation = 0.0
        for lag in range(1, season + 1):
            if lag > 1:
                squares += 2 * correlation * correlation
            total = 0.0
            for place in range(lag, n):
                total += (own[place] - mean) * (own[place - lag] - mean)
            correlation = total / spread
        if not abs(correlation) > 1.645 * np.sqrt(squares / n):
            continue
        figure = np.zeros(season)
        seen = np.zeros(season)
        half = season // 2
        for place in range(half, n - half):
            trend = 0.0
            for near in range(place - half, place + half + 1):
                edge = season % 2 == 0 and (near == place - half or near == place + half)
                trend += own[near] * (0.5 if edge else 1.0)
            figure[place % season] += own[place] * season / trend
            seen[place % season] += 1
        figure /= seen
        if not (np.all(np.isfinite(figure)) and np.all(figure > 0)):
            continue
        for step in range(horizon):
            found[series, step] *= figure[(n + step) % season] / figure[(n - 1) % season]
    return found
