"""The work of one chunk of a backtest: what each model would have said, and how good that was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.times import zone_of
from argosy_forecast.asking import Asked
from argosy_forecast.backtest.measures import measured
from argosy_forecast.backtest.origins import by_last
from argosy_forecast.backtest.points import points_of
from argosy_forecast.layout import availability, failed, laid_out
from argosy_forecast.tables import BACKTESTS, POINTS
from argosy_rows.together import read_together
from argosy_scoring.batches import blocks
from argosy_scoring.model_cache import Models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.types import Chunk, Tables
    from argosy_forecast.backtest.request import Backtest

NO_BACKTESTS = pl.DataFrame(BACKTESTS.schema.empty_table()).drop("run_id", "at")
_NO_POINTS = pl.DataFrame(POINTS.schema.empty_table()).drop("run_id", "at")


def perform(chunk: Chunk) -> Tables:
    """Backtest the chunk's models; one that cannot be is a row with its reason."""
    location: Any = chunk.options["location"]
    request: Any = chunk.options["request"]
    found = [NO_BACKTESTS]
    points = [_NO_POINTS]
    for block in blocks(pl.DataFrame(chunk.models), location):
        held = Models(location)
        for dataset in read_together(block, location, availability(block)):
            for measures, each in _of(dataset, held, request):
                found.append(measures)
                points.append(each)
    tables = {"backtests": found, "backtest_points": points}
    return {
        name: pl.concat(parts, how="diagonal_relaxed")
        .with_columns(dataset=pl.lit(request.data))
        .to_arrow()
        for name, parts in tables.items()
    }


def _of(
    dataset: Dataset, models: Models, request: Backtest
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield how good the models of a dataset would have been, and the points that is of."""
    for part, grid in laid_out(dataset):
        if isinstance(grid, str):
            yield failed(part, grid), _NO_POINTS
            continue
        zone = zone_of(dataset.rows, dataset.binding)
        asked = Asked(request.levels, dataset.binding, zone)
        for lines, origins in by_last(grid, request):
            own = part.filter(pl.col("line").is_in(lines.tolist()))
            for units in own.partition_by("format", "digest", "artifact", maintain_order=True):
                points = points_of(units, grid, origins, asked, models, request)
                there = pl.col("value").is_not_null().any().over("model")
                spoke = points.filter(there)
                mute = points.filter(~there).unique("model", keep="first", maintain_order=True)
                yield failed(mute, pl.col("reason")), _NO_POINTS
                if spoke.height:
                    scored = measured(spoke, grid.step, zone, request)
                    yield scored, spoke.select(set(spoke.columns) & set(_NO_POINTS.columns))
