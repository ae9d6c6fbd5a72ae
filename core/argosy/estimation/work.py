"""The work of one chunk of an estimation: gather predictions, then estimate all models at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import PluginError
from argosy.estimation.sides import gather
from argosy.jobs.worker import prepared
from argosy.plugins import call, installed
from argosy.plugins.calling import whole
from argosy.tables import ESTIMATES

if TYPE_CHECKING:
    from argosy.types import Chunk, Estimator, Tables

_ROW = ["model", "version"]
_UNIT = ["model", "version", "task"]
_LEARNT = pa.schema([("reason", pa.string())])
_NUMBERS = [("value", pa.float64()), ("lower", pa.float64()), ("upper", pa.float64())]
_BAND = pa.struct([*_NUMBERS, ("reason", pa.string())])


@prepared
def perform(chunk: Chunk) -> Tables:
    """Estimate for the chunk's models; one that cannot be is a row with its reason."""
    names: Any = chunk.options["estimators"]
    location: Any = chunk.options["location"]
    estimators = [installed().estimators[name] for name in names]
    models, trouble = gather(pl.DataFrame(chunk.models), location)
    parts = [failed(trouble)]
    fitting = {task for estimator in estimators for task in estimator.tasks}
    apart = pl.format(
        "none of the estimators {} applies to a {} model", pl.lit(", ".join(names)), "task"
    )
    parts.append(failed(models.filter(~pl.col("task").is_in(fitting)).with_columns(reason=apart)))
    for estimator in estimators:
        own = models.filter(pl.col("task").is_in(estimator.tasks))
        if own.height:
            parts.append(estimated(estimator, own))
    return {"estimates": pl.concat(parts, how="diagonal_relaxed").to_arrow()}


def estimated(estimator: Estimator, models: pl.DataFrame) -> pl.DataFrame:
    """Estimate every model of one task, as `gather` gives them: one row per model and metric."""
    try:
        learnt, reasons = _learnt(estimator, models)
        able = models.filter(reasons.is_null())
        found = _estimates(estimator, able, learnt)
    except PluginError as error:
        failure = {"status": pl.lit("failed"), "reason": pl.lit(str(error))}
        return _each(estimator, models.select(*_ROW, "n")).with_columns(**failure)
    unable = models.select(*_ROW, "n", reason=reasons).drop_nulls("reason")
    undefined = _each(estimator, unable).with_columns(status=pl.lit("undefined"))
    return pl.concat([found, undefined], how="diagonal_relaxed")


def failed(models: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each model that nothing was estimated of (`model`, `version`, `reason`)."""
    empty = pl.DataFrame(ESTIMATES.empty_table()).drop("run_id", "at", "dataset")
    rows = models.select(*_ROW, "reason").with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64)
    )
    return pl.concat([empty, rows], how="diagonal_relaxed")


def _learnt(estimator: Estimator, models: pl.DataFrame) -> tuple[pa.Table, pl.Series]:
    """Fit all models; return what was learnt of those that can be, and of each why it cannot."""
    name = estimator.name
    given = models.select(*_UNIT, "truth", "prediction", "score").to_arrow()
    learnt = call("estimators", name, estimator.fit, given, answers=pa.Table)
    reasons = pl.DataFrame(whole("estimators", name, learnt, _LEARNT, given.num_rows))["reason"]
    taken = {*_UNIT, "prediction", "score", "reason"}
    own = [column for column in learnt.column_names if column not in taken]
    return learnt.select(own).filter(reasons.is_null().to_arrow()), reasons


def _estimates(estimator: Estimator, models: pl.DataFrame, learnt: pa.Table) -> pl.DataFrame:
    name = estimator.name
    given = models.select(*_UNIT, prediction="current_prediction", score="current_score").to_arrow()
    for column in learnt.column_names:
        given = given.append_column(column, learnt[column])
    answer = call("estimators", name, estimator.estimate, given, answers=pa.Table)
    schema = pa.schema([(metric, _BAND) for metric in estimator.metrics])
    bands = pl.DataFrame(whole("estimators", name, answer, schema, given.num_rows))
    long = (
        models.select(*_ROW, "n")
        .hstack(bands)
        .unpivot(index=[*_ROW, "n"], variable_name="metric", value_name="found")
    )
    defined = pl.col("reason").is_null()
    return long.unnest("found").with_columns(
        *[pl.when(defined).then(pl.col(number)).alias(number) for number, _ in _NUMBERS],
        estimator=pl.lit(name),
        status=pl.when(defined).then(pl.lit("ok")).otherwise(pl.lit("undefined")),
    )


def _each(estimator: Estimator, models: pl.DataFrame) -> pl.DataFrame:
    """Return a row per model and metric of the estimator."""
    metrics = pl.DataFrame({"metric": estimator.metrics}, schema={"metric": pl.String})
    return models.join(metrics, how="cross").with_columns(estimator=pl.lit(estimator.name))
