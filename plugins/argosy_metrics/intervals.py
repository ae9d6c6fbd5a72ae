"""95 % intervals from a value and its standard error, each on the scale that suits the value.

The standard error comes from how much the value would change with the weight of each row
(infinitesimal jackknife, sandwich, delta method: three names of it), so weights need no special
treatment. An interval on a curved scale never leaves the bounds of the metric, and is as lopsided
as the value's distribution.

Where rows depend on each other the errors come from batches (`argosy.kernels.batches`), and
intervals reach as far as Student's t has it for so many.

Where the rows do not vary there is no standard error, and no interval but Wilson's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Interval = tuple[Floats, Floats]

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""

NEGLIGIBLE = 1e-12
"""A standard error of a share below this is what rounding leaves of zero."""


def spread(variance: Floats, scale: Floats | float = 1.0) -> Floats:
    """Return the roots of variances; NaN where they are not finite, or zero but for rounding.

    Example:
        >>> spread(np.array([0.04, 0.0, 1e-30])).tolist()
        [0.2, nan, nan]
    """
    return known(np.sqrt(variance), scale)


def known(error: Floats, scale: Floats | float = 1.0) -> Floats:
    """Return standard errors; NaN where they are not finite, or zero but for rounding.

    Example:
        >>> known(np.array([0.2, 0.0, np.inf])).tolist()
        [0.2, nan, nan]
    """
    return np.where(np.isfinite(error) & (error > NEGLIGIBLE * np.abs(scale)), error, np.nan)


def wilson(share: Floats, error: Floats, size: Floats, reach: Floats | float = Z) -> Interval:
    """Return Wilson's interval of a share, for the number of rows that its standard error implies.

    That is p (1 - p) / error². Where the share is 0 or 1 and so has no error, `size` stands in.

    Args:
        share: from 0 to 1.
        error: its standard error, or NaN.
        size: the effective number of rows, (Σ w)² / Σ w².
        reach: how many standard errors the interval reaches: Student's t where rows are batched.

    Source: Wilson, JASA 22 (1927); the effective size: Korn and Graubard, Survey Methodology 24
    (1998).

    Example:
        >>> right, unknown, size = np.array([1.0]), np.array([np.nan]), np.array([20.0])
        >>> [round(float(end[0]), 3) for end in wilson(right, unknown, size)]
        [0.839, 1.0]
    """
    with np.errstate(all="ignore"):
        n = np.where(error > 0, share * (1 - share) / error**2, size)
        middle = (share + reach**2 / (2 * n)) / (1 + reach**2 / n)
        half = (
            reach / (1 + reach**2 / n) * np.sqrt(share * (1 - share) / n + (reach / (2 * n)) ** 2)
        )
    return _around(share, middle - half, middle + half, 0.0, 1.0)


def logit(share: Floats, error: Floats, reach: Floats | float = Z) -> Interval:
    """Return the interval that is symmetric in the log of the odds; none at 0 and 1.

    Source: Pepe, "The statistical evaluation of medical tests", 2003, section 5.2.

    Example:
        >>> [round(float(end[0]), 3) for end in logit(np.array([0.9]), np.array([0.05]))]
        [0.752, 0.964]
    """
    with np.errstate(all="ignore"):
        middle = np.log(share / (1 - share))
        half = reach * error / (share * (1 - share))
        ends = (1 / (1 + np.exp(-middle + half)), 1 / (1 + np.exp(-middle - half)))
    return _around(share, *ends, 0.0, 1.0)


def fisher(value: Floats, error: Floats, reach: Floats | float = Z) -> Interval:
    """Return the interval of a correlation, symmetric in its inverse hyperbolic tangent.

    Source: Fisher, Metron 1 (1921).

    Example:
        >>> [round(float(end[0]), 3) for end in fisher(np.array([0.8]), np.array([0.1]))]
        [0.504, 0.928]
    """
    with np.errstate(all="ignore"):
        middle, half = np.arctanh(value), reach * error / (1 - value**2)
        ends = np.tanh(middle - half), np.tanh(middle + half)
    return _around(value, *ends, -1.0, 1.0)


def log(value: Floats, error: Floats, reach: Floats | float = Z) -> Interval:
    """Return the interval of a positive number, symmetric in its logarithm.

    Example:
        >>> [round(float(end[0]), 3) for end in log(np.array([2.0]), np.array([0.5]))]
        [1.225, 3.265]
    """
    with np.errstate(all="ignore"):
        factor = np.exp(reach * error / value)
        ends = value / factor, value * factor
    return _around(value, *ends, 0.0, np.inf)


def normal(value: Floats, error: Floats, reach: Floats | float = Z) -> Interval:
    """Return the value plus and minus so many standard errors.

    Example:
        >>> [round(float(end[0]), 2) for end in normal(np.array([2.0]), np.array([0.5]))]
        [1.02, 2.98]
    """
    return value - reach * error, value + reach * error


def _around(value: Floats, lower: Floats, upper: Floats, least: float, greatest: float) -> Interval:
    """Undo what rounding does: both ends within bounds, the value between them."""
    none = ~(np.isfinite(lower) & np.isfinite(upper))
    low = np.clip(np.minimum(lower, value), least, greatest)
    high = np.clip(np.maximum(upper, value), least, greatest)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)
