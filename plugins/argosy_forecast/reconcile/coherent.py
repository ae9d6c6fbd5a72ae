"""Forecasts that add up, by the edges that are valid at the times that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_forecast.hierarchy import edges_at, reconcile, summing
from argosy_forecast.reconcile.arrays import forecasted

if TYPE_CHECKING:
    from argosy_forecast.reconcile.request import Reconcile


def coherent(
    forecasts: pl.DataFrame,
    points: pl.DataFrame,
    edges: pl.DataFrame,
    hierarchy: str,
    request: Reconcile,
) -> pl.DataFrame:
    """Return forecasts that add up at every time.

    Args:
        forecasts: of one origin: `series`, `time`, `horizon` and `value`; one row of each series
            and time.
        points: `series`, `origin`, `horizon` and `error` of earlier origins, as far as known.
        edges: the table `hierarchies`.
        hierarchy: its name.
        request: names the method.

    Returns:
        `series`, `horizon`, `level`, `value`, `method`, `origins` and `reason`, null where all is
        well; nodes without a forecast of their own too.

    Raises:
        BadInput: if there is no such hierarchy, or it has no edge at one of the times.
    """
    times = forecasts.select("time", "horizon").unique().sort("horizon")
    changes = pl.concat([edges["valid_from"], edges["valid_until"]]).drop_nulls().unique().sort()
    cut = times.with_columns(part=changes.search_sorted(times["time"], side="right"))
    return pl.concat(
        _alike(part, forecasts, points, edges, hierarchy, request)
        for part in cut.partition_by("part", maintain_order=True)
    )


def _alike(
    times: pl.DataFrame,
    forecasts: pl.DataFrame,
    points: pl.DataFrame,
    edges: pl.DataFrame,
    hierarchy: str,
    request: Reconcile,
) -> pl.DataFrame:
    """Reconcile the times at which the same edges are valid."""
    tree = summing(edges_at(edges, hierarchy, times["time"][0]))
    horizons = times["horizon"].to_list()
    laid = forecasted(tree.nodes, forecasts, points, horizons)
    found = reconcile(
        tree, laid.base, laid.errors, method=request.method, non_negative=request.non_negative
    )
    many, width = len(tree.nodes), len(horizons)
    return pl.DataFrame(
        {
            "series": pl.Series(tree.nodes).repeat_by(width).explode(),
            "horizon": pl.Series(horizons * many, dtype=pl.Int32),
            "level": np.repeat(tree.level, width),
            "value": found.value.reshape(-1),
            "method": pl.Series(list(found.method) * many),
            "reason": pl.Series([why or None for why in found.reason], dtype=pl.String)
            .repeat_by(width)
            .explode(),
        }
    ).with_columns(pl.col("value").fill_nan(None), origins=pl.lit(laid.errors.shape[1], pl.Int64))
