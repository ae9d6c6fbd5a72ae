"""How far beyond a sample a value lies, as a p-value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray


def beyond(value: float, sample: NDArray[np.float64]) -> float:
    """Return how likely one more value of a normal sample is as large.

    Args:
        value: the value.
        sample: shape (values,).

    Source: Hahn and Meeker, "Statistical Intervals" (1991), chapter 4.

    Example:
        >>> round(beyond(2.0, np.array([-1.0, 0.0, 1.0] * 20)), 4)
        0.0096
    """
    many = len(sample)
    spread = sample.std(ddof=1)
    if spread == 0:
        return 1.0 if value <= sample[0] else 1 / (many + 1)
    step = (value - sample.mean()) / (spread * np.sqrt(1 + 1 / many))
    return float(stdtr(many - 1, -step))
