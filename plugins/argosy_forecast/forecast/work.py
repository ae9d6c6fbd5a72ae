"""The work of one chunk of a forecast: what each model says, or the season before in its place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.times import zone_of
from argosy_forecast.ahead import ahead_of
from argosy_forecast.asking import Asked, said, series_names, silent
from argosy_forecast.forecast.fallback import fallbacks
from argosy_forecast.layout import availability, failed, laid_out
from argosy_forecast.tables import FORECASTS
from argosy_rows.together import read_together
from argosy_scoring.batches import blocks
from argosy_scoring.model_cache import Models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, Tables
    from argosy_forecast.ahead import Ahead
    from argosy_forecast.forecast.request import Forecast
    from argosy_forecast.grid import Grid

NO_FORECASTS = pl.DataFrame(FORECASTS.schema.empty_table()).drop("run_id", "at")
LATE = "the model was not ready by the deadline"


def perform(chunk: Chunk) -> Tables:
    """Forecast the chunk's series; one that cannot be forecast at all is a row with its reason."""
    location: Any = chunk.options["location"]
    request: Any = chunk.options["request"]
    parts = [NO_FORECASTS]
    for block in blocks(pl.DataFrame(chunk.models), location):
        held = Models(location)
        for dataset in read_together(block, location, availability(block)):
            parts += _of(dataset, held, request)
    rows = pl.concat(parts, how="diagonal_relaxed").with_columns(dataset=pl.lit(request.data))
    return {"forecasts": rows.to_arrow()}


def _of(dataset: Dataset, models: Models, request: Forecast) -> Iterator[pl.DataFrame]:
    """Yield the forecasts of a dataset's series, artifact by artifact."""
    for part, grid in laid_out(dataset):
        if isinstance(grid, str):
            yield failed(part, grid)
            continue
        assert request.origin is not None  # noqa: S101  (`resolve` saw to it)
        zone = zone_of(dataset.rows, dataset.binding)
        asked = Asked(request.levels, dataset.binding, zone)
        ahead = ahead_of(grid, request.origin, request.horizon, request.lead)
        spare, stale = fallbacks(grid, ahead, asked, request)
        late = pl.Series("stale", stale, dtype=pl.String)
        units = part.with_columns(late[part["line"]])
        fresh = pl.col("stale").is_null()
        down = units.filter(~fresh)
        told = silent(down["stale"].to_list(), ahead.steps)
        yield _rows(down, grid, ahead, asked, told, spare[down["line"].to_numpy()])
        for one in units.filter(fresh).partition_by("format", "digest", "artifact"):
            told = _in_time(one, grid, ahead, asked, models, request)
            yield _rows(one, grid, ahead, asked, told, spare[one["line"].to_numpy()])


def _in_time(
    units: pl.DataFrame, grid: Grid, ahead: Ahead, asked: Asked, models: Models, request: Forecast
) -> pl.DataFrame:
    """Return what one artifact says of some series, if it says so by the deadline."""
    if request.deadline is None:
        return said(units, grid, ahead, asked, models)
    left = request.deadline.timestamp() - time.time()
    late = silent([LATE] * units.height, ahead.steps)
    if left <= 0:
        return late
    answer = said(units, grid, ahead, asked, models, left)
    return answer if time.time() < request.deadline.timestamp() else late


def _rows(
    units: pl.DataFrame,
    grid: Grid,
    ahead: Ahead,
    asked: Asked,
    answer: pl.DataFrame,
    spare: np.ndarray[Any, np.dtype[np.float64]],
) -> pl.DataFrame:
    """Return a row per series and time: what the model says, or what the season before says."""
    names = units.select("model", "version", series_names(units))
    places = np.repeat(np.arange(units.height), ahead.steps)
    own, stand_in = pl.col("value").is_not_null(), pl.col("spare").is_not_null()
    levels = pl.lit(list(asked.levels), pl.List(pl.Float64))
    return (
        names[places]
        .with_columns(
            pl.lit(ahead.origin).cast(pl.Datetime("us", "UTC")).alias("origin"),
            pl.concat([ahead.times(grid)] * units.height).alias("time")
            if units.height
            else pl.lit(None, pl.Datetime("us", "UTC")).alias("time"),
            pl.Series("horizon", np.tile(ahead.horizon, units.height), dtype=pl.Int32),
            pl.Series("spare", spare.reshape(-1)).fill_nan(None),
            *answer.get_columns(),
        )
        .with_columns(
            flag=pl.when(own).then(pl.lit("model")).when(stand_in).then(pl.lit("fallback")),
            status=pl.when(own).then(pl.lit("ok")).otherwise(pl.lit("failed")),
            levels=pl.when(pl.col("quantiles").is_not_null()).then(levels),
            value=pl.coalesce("value", "spare"),
        )
        .drop("spare")
    )
