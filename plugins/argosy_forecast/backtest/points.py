"""What models would have said from each origin, beside what came true and the season before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_forecast.ahead import ahead_of
from argosy_forecast.asking import said, series_names
from argosy_forecast.forecasters.naive import repeated
from argosy_forecast.metrics import naive_scale
from argosy_forecast.steps import microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from argosy_forecast.ahead import Ahead
    from argosy_forecast.asking import Asked
    from argosy_forecast.backtest.request import Backtest
    from argosy_forecast.grid import Grid
    from argosy_scoring.model_cache import Models

_SEASONS = 4
"""How many seasons the naive forecast looks back for a value that is there."""


def points_of(
    units: pl.DataFrame,
    grid: Grid,
    origins: list[datetime],
    asked: Asked,
    models: Models,
    request: Backtest,
) -> pl.DataFrame:
    """Return a row per series, origin and time.

    Args:
        units: the models, all of one artifact, with the `line` of each on the grid.
        grid: with their series.
        origins: the oldest first.
        asked: of all of them.
        models: loads the artifact.
        request: the job's.

    Returns:
        `model`, `version`, `series`, `origin`, `time`, `horizon`, `truth`, `known` (since when it
        was), `value`, `naive`, `quantiles`, `reason` (null unless there is no value) and `scale`
        (MASE's denominator).
    """
    season = max(microseconds(request.season, "season") // grid.step, 1)
    aheads = [ahead_of(grid, one, request.horizon, request.lead) for one in origins]
    names = units.select(
        "model", "version", series_names(units), scale=_scales(units, grid, aheads[0], season)
    )
    parts = []
    for ahead in aheads:
        told = said(units, grid, ahead, asked, models)
        parts.append(_beside(names, units["line"].to_numpy(), told, grid, ahead, season))
    return pl.concat(parts)


def _beside(
    names: pl.DataFrame,
    lines: np.ndarray[tuple[int], np.dtype[np.int64]],
    told: pl.DataFrame,
    grid: Grid,
    ahead: Ahead,
    season: int,
) -> pl.DataFrame:
    """Put what a model says from one origin beside what came true and the season before."""
    past = season * (_SEASONS + 1 + int(ahead.horizon[-1]) // season)
    seen = grid.known(ahead.microseconds, ahead.last + 1 - past, ahead.last + 1).values[lines]
    latest = grid.latest(ahead.start, ahead.start + ahead.steps)
    truth, known = latest.values[lines], latest.known[lines]
    naive = repeated(seen, np.array([past]), ahead.horizon, 0, season, _SEASONS).values[:, 0]
    return names[np.repeat(np.arange(len(lines)), ahead.steps)].with_columns(
        pl.lit(ahead.origin).cast(pl.Datetime("us", "UTC")).alias("origin"),
        pl.concat([ahead.times(grid)] * len(lines)).alias("time"),
        pl.Series("horizon", np.tile(ahead.horizon, len(lines)), dtype=pl.Int32),
        pl.Series("truth", truth.reshape(-1)).fill_nan(None),
        pl.Series("known", np.where(np.isfinite(truth), known, 0).reshape(-1))
        .replace(0, None)
        .cast(pl.Datetime("us", "UTC")),
        pl.Series("naive", naive.reshape(-1)).fill_nan(None),
        *told.get_columns(),
    )


def _scales(units: pl.DataFrame, grid: Grid, ahead: Ahead, season: int) -> pl.Series:
    """Return the error of the season before in what was known at the first origin."""
    end = max(ahead.last + 1, 1)
    seen = grid.known(ahead.microseconds, 0, end).values[units["line"].to_numpy()]
    scale = naive_scale(seen.reshape(-1), np.full(units.height, end, np.int64), season)
    return pl.Series(scale).fill_nan(None)
