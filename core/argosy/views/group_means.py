"""The mean of a metric over the models of a group, and how sure it is: of what varies.

- `rows`: these very models, measured on other rows. Their standard errors are independent, so that
  of the mean is the root of the sum of their squares, divided by the number of models.
- `both`: other models of the kind, measured on other rows, as these models are a sample of them:
  the standard deviation of their values over the root of their number, with Student's t.
- `models`: other models, each as well known as could be: the same, less what rows add to it.

The interval is symmetric on a scale that keeps it within the metric's bounds: the log of the odds
between two bounds, the logarithm of the distance from one, the value itself where there is none.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import spread, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.types import Metric

    Floats = NDArray[np.float64]

ROWS, MODELS, BOTH = "rows", "models", "both"
VARIES = (ROWS, MODELS, BOTH)
"""What an interval may be over."""
_NORMAL = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


def squares(value: pl.Expr) -> dict[str, pl.Expr]:
    """Return what a query of groups must aggregate: sums of squared errors, and the spread."""
    known = pl.when(pl.col("error").null_count() == 0)
    return {
        "argosy_errors": known.then(total(pl.col("error") ** 2)),
        "argosy_spread": spread(value),
    }


def with_interval(groups: pl.DataFrame, metric: Metric, varies: str) -> pl.DataFrame:
    """Add `lower`, `upper` and `varies`; the ends are null where they are unknown.

    Args:
        groups: `models`, `value`, and what `squares` aggregates.
        metric: which; the value is the distance from its best one, where it has such.
        varies: `rows`, `models` or `both`.

    Example:
        >>> from argosy.types import Metric
        >>> auc = Metric("auc", frozenset(), print, True, (0, 1))
        >>> groups = pl.DataFrame({"models": [4], "value": [0.97], "argosy_errors": [0.0064],
        ...     "argosy_spread": [0.02]})
        >>> found = with_interval(groups, auc, "rows").select("lower", "upper")
        >>> [round(end, 3) for end in found.row(0)]
        [0.894, 0.992]
    """
    from scipy.special import stdtrit

    count, value, errors, deviation = (
        groups[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("models", "value", "argosy_errors", "argosy_spread")
    )
    with np.errstate(all="ignore"):
        if varies == ROWS:
            margin = _NORMAL * np.sqrt(errors) / count
        else:
            of_rows = errors / count if varies == MODELS else 0.0
            variance = np.maximum(deviation**2 - of_rows, 0.0) / count
            margin = stdtrit(np.maximum(count - 1, 1), 0.975) * np.sqrt(variance)
    bounds = metric.bounds
    if metric.best is not None:
        bounds = 0.0, max(bounds[1] - metric.best, metric.best - bounds[0])
    lower, upper = within_bounds(value, margin, *bounds)
    ends = {"lower": lower, "upper": upper}
    told = [pl.Series(name, end).fill_nan(None) for name, end in ends.items()]
    return groups.with_columns(*told, varies=pl.lit(varies))


def within_bounds(value: Floats, margin: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return the ends of intervals that keep within bounds; NaN where the value is at one.

    Args:
        value: shape (groups,).
        margin: how far the interval would reach on the metric's own scale.
        low: the least value that there can be, or minus infinity.
        high: the greatest, or infinity.

    Example:
        >>> ends = within_bounds(np.array([2.0]), np.array([2.0]), 0.0, inf)
        >>> [round(float(end[0]), 3) for end in ends]
        [0.736, 5.437]
    """
    with np.errstate(all="ignore"):
        if low > -inf and high < inf:
            share = (value - low) / (high - low)
            odds = np.log(share / (1 - share))
            half = margin / (high - low) / (share * (1 - share))
            low_end, high_end = (1 / (1 + np.exp(-odds + half)), 1 / (1 + np.exp(-odds - half)))
            lower, upper = low + (high - low) * low_end, low + (high - low) * high_end
        elif low > -inf:
            factor = np.exp(margin / (value - low))
            lower, upper = low + (value - low) / factor, low + (value - low) * factor
        elif high < inf:
            factor = np.exp(margin / (high - value))
            lower, upper = high - (high - value) * factor, high - (high - value) / factor
        else:
            lower, upper = value - margin, value + margin
    none = ~(np.isfinite(lower) & np.isfinite(upper))
    return np.where(none, np.nan, lower), np.where(none, np.nan, upper)
