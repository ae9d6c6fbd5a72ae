"""How good backtested forecasts are: as a whole, and cut as the request asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from argosy_forecast.metrics import blocks, local_times, score
from argosy_forecast.steps import microseconds

if TYPE_CHECKING:
    from argosy_forecast.backtest.request import Backtest

_WHO = ("model", "version")


def measured(points: pl.DataFrame, step: int, zone: str, request: Backtest) -> pl.DataFrame:
    """Return a row per model, group of points and metric.

    Args:
        points: of `argosy_forecast.backtest.points`, at least one.
        step: microseconds from one time to the next.
        zone: by whose clock seasons, hours and days go.
        request: the job's.
    """
    rows = points.with_columns(series="model", method="version")
    zones = rows.select("series", zone=pl.lit(zone)).unique()
    rows = local_times(rows, zones, timedelta(microseconds=step))
    rows = blocks(rows, _ends(rows["horizon"], step, request))
    found = [score(rows, _WHO, request.levels)]
    if request.by:
        found.append(score(rows, (*_WHO, *request.by), request.levels))
    origins = rows.group_by(_WHO).agg(
        first_origin=pl.col("origin").min(),
        last_origin=pl.col("origin").max(),
        origins=pl.col("origin").n_unique().cast(pl.Int64),
    )
    told = pl.concat(found, how="diagonal").join(origins, on=_WHO, maintain_order="left")
    bare = pl.col("value").is_null()
    return told.with_columns(
        status=pl.when(bare).then(pl.lit("undefined")).otherwise(pl.lit("ok"))
    ).drop("quantiles", "skill_reason")


def _ends(horizon: pl.Series, step: int, request: Backtest) -> list[int]:
    """Return the last horizon of each block, in steps after the origin."""
    first, last = int(horizon.min()), int(horizon.max())  # type: ignore[arg-type]
    ends = [first - 1 + max(microseconds(end, "block") // step, 1) for end in request.blocks]
    return [*(end for end in ends if end < last), last]
