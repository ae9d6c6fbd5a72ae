"""The error of the seasonal naive forecast within the history: what MASE divides by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@compiled
def naive_scale(values: Floats, lengths: Ints, season: int) -> Floats:
    """Return the mean change over a season of every history; gaps are passed over.

    Args:
        values: histories end to end; NaN is a gap.
        lengths: how many values each history has.
        season: how many steps a season has; 1 takes each value for the next.

    Returns:
        Shape (histories,); NaN where no two values lie a season apart. It is 0 where nothing
        changes: there is no MASE then.

    Source: Hyndman and Koehler, International Journal of Forecasting 22 (2006).

    Example:
        >>> naive_scale(np.array([1.0, 3.0, 2.0, 7.0]), np.array([3, 1]), 1).tolist()
        [1.5, nan]
    """
    found = np.full(len(lengths), np.nan)
    start = 0
    for series in range(len(lengths)):
        total = 0.0
        count = 0
        for place in range(start + season, start + lengths[series]):
            change = abs(values[place] - values[place - season])
            if np.isfinite(change):
                total += change
                count += 1
        if count:
            found[series] = total / count
        start += lengths[series]
    return found
