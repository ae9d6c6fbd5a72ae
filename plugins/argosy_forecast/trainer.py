"""Fit a forecaster to the series of each lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.datasets import MODEL
from argosy.data.times import zone_of
from argosy.errors import BadInput
from argosy.tables import TRAINED
from argosy_forecast.calls import rows_table, series_table
from argosy_forecast.forecasters import FORECASTERS
from argosy_forecast.grid import grids, lag
from argosy_forecast.model import FORMAT, TASK
from argosy_forecast.params import Params, settings
from argosy_forecast.steps import microseconds

if TYPE_CHECKING:
    import pyarrow as pa


def train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
    """Answer an artifact per lesson, as `argosy.types.TrainModels` says."""
    every = pl.DataFrame(rows)
    answers = []
    for lesson in pl.DataFrame(lessons).iter_rows(named=True):
        own = every.slice(lesson["start"], lesson["length"])
        given = dict(lesson["params"] or {})
        params = Params.model_validate(given)
        answer: dict[str, Any] = {"features": params.columns}
        try:
            answer["content"] = learned(lesson, own, params, settings(given))
        except BadInput as error:
            answer["reason"] = str(error)
        answers.append(answer)
    return _told(answers)


def learned(
    lesson: dict[str, Any], rows: pl.DataFrame, params: Params, own: dict[str, str]
) -> bytes:
    """Return what a forecaster learns from the rows of one lesson.

    Raises:
        BadInput: if they are no series, or cannot be learned from.
    """
    binding = {**lesson, "url": f"the data of {lesson['model']}", "timestamp_format": None}
    if params.series is not None:
        if params.series not in rows.columns:
            raise BadInput(
                f"there is no column {params.series!r} to tell series apart by; there are"
                f" {', '.join(rows.columns)}"
            )
        rows = rows.with_columns(pl.col(params.series).cast(pl.String).alias(MODEL))
        rows = rows.drop_nulls(MODEL)
    if "delay" not in own and (late := lag(binding)):
        own = {**own, "delay": str(-(-late // microseconds(binding["frequency"], "frequency")))}
    laid = grids(rows, binding, params.columns)
    if len(laid) > 1:
        raise BadInput("its series lie on different steps; one forecaster learns from one grid")
    grid = laid[0]
    whole = grid.known(_EVER, 0, grid.times)
    columns = {"value": whole.values, **whole.covariates}
    series = series_table(grid, grid.names, zone_of(rows, binding))
    history = rows_table(grid, grid.names, 0, columns, grid.times)
    return FORECASTERS[params.forecaster].fit(series, history, own)


_EVER = 2**62
"""Later than anything, in microseconds: what is known by then is all that is known."""


def _told(answers: list[dict[str, Any]]) -> pa.Table:
    schema = pl.DataFrame(TRAINED.empty_table()).schema
    told = pl.DataFrame(
        answers, schema={"content": pl.Binary, "reason": pl.String, "features": pl.List(pl.String)}
    )
    fine = pl.col("content").is_not_null()
    blank = [
        pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
        if name not in {"content", "reason", "format", "task"}
    ]
    return told.with_columns(
        *blank,
        format=pl.when(fine).then(pl.lit(FORMAT)),
        task=pl.when(fine).then(pl.lit(TASK)),
    ).to_arrow()
