"""Errors by origin: what one forecast of many horizons lost against the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.kernels import mean
from argosy_forecast.metrics.points import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence


def origin_losses(points: pl.DataFrame, by: Sequence[str] = ("series",)) -> pl.DataFrame:
    """Return the mean absolute error of every method at every origin.

    A point counts where all methods that forecast at the origin have a number, so that they are
    compared on the same ones; if a method has none at all there, the others are compared without.

    Args:
        points: `series`, `method`, `origin`, `horizon`, `truth`, `value`.
        by: what losses are told apart by besides, such as `group` and `block`.

    Returns:
        `by`, `method`, `origin`, `loss`, `points`, in that order.

    Example:
        >>> points = pl.DataFrame({
        ...     "series": "a", "origin": 0, "method": ["x", "x", "y", "y"],
        ...     "horizon": [1, 2, 1, 2], "truth": 1.0, "value": [2.0, 4.0, None, 2.0],
        ... })
        >>> origin_losses(points).select("method", "loss", "points").rows()
        [('x', 3.0, 1), ('y', 1.0, 1)]
    """
    off = (pl.col("value").cast(pl.Float64) - pl.col("truth").cast(pl.Float64)).abs()
    told = points.with_columns(loss=pl.when(off.is_finite()).then(off))
    told = told.filter(pl.col("loss").is_not_null())
    here = list(dict.fromkeys((*by, "series", "origin")))
    methods = told.group_by(here).agg(pl.col("method").n_unique().alias("methods"))
    there = told.with_columns(those=pl.len().over([*here, "horizon"])).join(methods, on=here)
    alike = there.filter(pl.col("those") == pl.col("methods")).sort(*ROW)
    groups = [*by, "method", "origin"]
    found = alike.group_by(groups, maintain_order=True).agg(
        mean(pl.col("loss")).alias("loss"), pl.len().cast(pl.Int64).alias("points")
    )
    return found.sort(groups)
