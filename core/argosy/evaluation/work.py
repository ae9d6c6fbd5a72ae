"""The work of one chunk of an evaluation: score each model, then measure all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyError, PluginError
from argosy.evaluation.scoring import load, logged, scored
from argosy.jobs.datasets import MODEL, Dataset, read
from argosy.jobs.worker import prepared
from argosy.plugins import call, installed
from argosy.registry.registration import EXTERNAL
from argosy.tables import EVALUATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.store.location import Location
    from argosy.types import Chunk, Metric, Tables, Task

_ROW = ("model", "version")


@prepared
def perform(chunk: Chunk) -> Tables:
    """Evaluate the chunk's models; a model that fails is one row with its reason."""
    names: Any = chunk.options["metrics"]
    location: Any = chunk.options["location"]
    metrics = [installed().metrics[name] for name in names]
    predictions: dict[Task, list[pl.DataFrame]] = {}
    failures: list[dict[str, str]] = []
    for dataset in read(pl.DataFrame(chunk.models), location):
        for unit, outcome in _outcomes(dataset, location):
            if isinstance(outcome, str):
                failures.append({name: unit[name] for name in _ROW} | {"reason": outcome})
                continue
            task, frame = outcome
            labelled = frame.select(*[pl.lit(unit[name]).alias(name) for name in _ROW], pl.all())
            predictions.setdefault(task, []).append(labelled)
    measured = [measure(pl.concat(frames), task, metrics) for task, frames in predictions.items()]
    rows = pl.concat(
        [
            *measured,
            failed(pl.DataFrame(failures, schema=dict.fromkeys((*_ROW, "reason"), pl.String))),
        ],
        how="diagonal_relaxed",
    )
    return {"evaluations": rows.to_arrow()}


def measure(predictions: pl.DataFrame, task: Task, metrics: list[Metric]) -> pl.DataFrame:
    """Measure every model of one task: one row per model and metric that applies to it."""
    fitting = [metric for metric in metrics if task in metric.tasks]
    if not fitting:
        asked = ", ".join(metric.name for metric in metrics)
        reason = f"none of the metrics {asked} applies to a {task} model"
        return failed(
            predictions.select(_ROW).unique(maintain_order=True).with_columns(reason=pl.lit(reason))
        )
    return pl.concat(_measured(predictions, task, fitting), how="diagonal_relaxed")


def _measured(predictions: pl.DataFrame, task: Task, metrics: list[Metric]) -> list[pl.DataFrame]:
    """Measure all metrics in one pass; where that fails one by one, to name the culprit."""
    try:
        name = metrics[0].name
        long = call("metrics", name, lambda: _long(predictions, metrics), answers=pl.DataFrame)
    except PluginError as error:
        if len(metrics) > 1:
            return [row for one in metrics for row in _measured(predictions, task, [one])]
        models = predictions.group_by(_ROW, maintain_order=True).agg(n=pl.len().cast(pl.Int64))
        told = {"task": task, "metric": metrics[0].name, "status": "failed", "reason": str(error)}
        return [models.with_columns(**{name: pl.lit(value) for name, value in told.items()})]
    said = pl.col("found").struct.field("reason")
    return [
        long.select(
            *_ROW,
            pl.lit(task).alias("task"),
            "metric",
            pl.when(said.is_null()).then(pl.col("found").struct.field("value")).alias("value"),
            "n",
            pl.when(said.is_null())
            .then(pl.lit("ok"))
            .otherwise(pl.lit("undefined"))
            .alias("status"),
            said.alias("reason"),
        )
    ]


def _long(predictions: pl.DataFrame, metrics: list[Metric]) -> pl.DataFrame:
    """Return a row per model and metric, with what was `found`: a value, or why there is none."""
    wide = predictions.group_by(_ROW, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"),
        *[
            pl.struct(
                metric.value.cast(pl.Float64).alias("value"),
                metric.undefined.cast(pl.String).alias("reason"),
            ).alias(metric.name)
            for metric in metrics
        ],
    )
    return wide.unpivot(index=[*_ROW, "n"], variable_name="metric", value_name="found")


def failed(models: pl.DataFrame) -> pl.DataFrame:
    """Return the row of each model that could not be evaluated (`model`, `version`, `reason`)."""
    empty = pl.DataFrame(EVALUATIONS.empty_table()).drop("run_id", "at", "dataset", "slice")
    rows = models.select(*_ROW, "reason").with_columns(
        status=pl.lit("failed"), n=pl.lit(0, pl.Int64)
    )
    return pl.concat([empty, rows], how="diagonal_relaxed")


def _outcomes(
    dataset: Dataset, location: Location
) -> Iterator[tuple[dict[str, Any], str | tuple[Task, pl.DataFrame]]]:
    """Give each model's predictions, or the reason why there are none."""
    by_model = dataset.rows.partition_by(MODEL, as_dict=True, include_key=False)
    for unit in dataset.models.iter_rows(named=True):
        rows = by_model.get((unit["model"],))
        if dataset.reason is not None:
            yield unit, dataset.reason
        elif rows is None:
            yield unit, f"there is no row of the model at {dataset.binding['url']}"
        else:
            yield unit, _predictions(unit, rows, dataset, location)


def _predictions(
    unit: dict[str, Any], rows: pl.DataFrame, dataset: Dataset, location: Location
) -> str | tuple[Task, pl.DataFrame]:
    try:
        if unit["format"] == EXTERNAL:
            return logged(rows, dataset.binding, unit["task"])
        declared = unit["features"]
        features = (
            [feature["name"] for feature in declared or () if feature["role"] in {None, "feature"}]
            if declared is not None
            else dataset.features
        )
        return scored(load(unit, location), rows, features, dataset.binding)
    except ArgosyError as error:
        return str(error)
    except Exception as error:  # a stranger's model may raise anything
        text = str(error).strip().splitlines()
        return f"the model failed: {type(error).__name__}: {text[0] if text else ''}"
