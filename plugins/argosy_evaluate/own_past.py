"""Whether a model does worse than it used to: its newest whole window against earlier ones.

Values of earlier windows say how much a window varies, whatever makes it vary. The newest is one
more draw: Student's t of its distance from their mean, over the root of s² (1 + 1/k), with k - 1
degrees of freedom, one-sided. Where the newest window is known less well than that, its own
standard error takes the place of s. The p-values of all models are adjusted together (Benjamini
and Hochberg). As means of few windows are not quite normal and may creep, a window must be the
worst of all that are looked at besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.multiplicity import adjusted
from argosy.views.facts import in_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST, MOST = 6, 24
"""So many earlier windows are needed, and so many of the last are looked at."""
LEVEL = 0.01
_OF = ["model", "version", "dataset", "metric"]


def worse(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the models whose newest whole window is worse than their own past.

    Args:
        rows: whole windows, each once: `model`, `version`, `dataset`, `metric`, the columns of a
            window, `value`, `error`, `good` (the value, signed so that more is better), and
            `margin`, by how much a value must fall to matter, or null.

    Returns:
        `model`, `version`, `dataset`, `metric`, `window`, `window_start`, `value`, `usual` (the
        mean of the earlier windows), `among` (how many), `times` (the fall in their standard
        deviations), `p_value` and `q_value`.

    Example:
        >>> value = [0.8, 0.81, 0.79, 0.8, 0.82, 0.8, 0.79, 0.5]
        >>> rows = pl.DataFrame({
        ...     "model": "a", "version": "1", "dataset": "current", "metric": "auc",
        ...     "window": [str(day) for day in range(8)], "window_start": None, "value": value,
        ...     "good": value, "error": None, "margin": None,
        ... }, schema_overrides={"error": pl.Float64, "margin": pl.Float64})
        >>> worse(rows).select("window", "among").row(0)
        ('7', 7)
    """
    ordered = rows.sort(*in_order(), nulls_last=False, maintain_order=True)
    course = ordered.group_by(_OF, maintain_order=True).agg(
        pl.col("window", "window_start", "value", "margin").last(),
        now=pl.col("good").last(),
        error=pl.col("error").last(),
        earlier=pl.col("good").slice(0, pl.len() - 1).tail(MOST),
        usual=pl.col("value").slice(0, pl.len() - 1).tail(MOST).mean(),
    )
    past = course.with_columns(
        among=pl.col("earlier").list.len().cast(pl.Int64),
        mean=pl.col("earlier").list.mean(),
        spread=pl.col("earlier").list.std(),
        least=pl.col("earlier").list.min(),
    ).filter(pl.col("among") >= LEAST)
    scale = pl.max_horizontal("spread", "error")
    sure = ((scale**2) + pl.col("spread") ** 2 / pl.col("among")).sqrt()
    fall = pl.col("mean") - pl.col("now")
    tested = past.with_columns(t=fall / sure, times=fall / scale).filter(
        pl.col("t").is_not_nan() & pl.col("t").is_not_null()
    )
    p = tails(tested["t"].to_numpy(), tested["among"].to_numpy() - 1)
    q = adjusted(p, np.zeros(len(p), np.int64)) if len(p) else p
    judged = tested.with_columns(p_value=pl.Series(p), q_value=pl.Series(q))
    matters = (fall > pl.col("margin")).fill_null(value=True)
    found = judged.filter(pl.col("q_value") < LEVEL, pl.col("now") < pl.col("least"), matters)
    kept = ("window", "window_start", "value", "usual", "among", "times", "p_value", "q_value")
    return found.select(*_OF, *kept)


def tails(t: Floats, freedom: NDArray[np.int64]) -> Floats:
    """Probability that Student's t is larger, for whole degrees of freedom.

    Source: Abramowitz and Stegun, "Handbook of mathematical functions", 26.7.3 and 26.7.4.

    >>> tails(np.array([0.0, 1.86, 2.015]), np.array([8, 8, 5])).round(3).tolist()
    [0.5, 0.05, 0.05]
    """
    tail = np.empty(len(t))
    for degrees in np.unique(freedom).tolist():
        own = freedom == degrees
        angle = np.arctan(t[own] / np.sqrt(degrees))
        squared = np.cos(angle) ** 2
        odd = degrees % 2
        term = np.cos(angle) if odd else np.ones_like(angle)
        series = np.zeros_like(angle)
        for step in range(degrees // 2):
            series += term
            term = term * squared * (2 * step + 1 + odd) / (2 * step + 2 + odd)
        inside = np.sin(angle) * series
        inside = (angle + inside) * 2 / np.pi if odd else inside
        tail[own] = (1 - inside) / 2
    return np.maximum(tail, 1e-15)
