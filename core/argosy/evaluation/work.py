"""The work of one chunk of an evaluation: score each model, then measure all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyError, PluginError
from argosy.evaluation.scoring import load, logged, scored
from argosy.jobs.datasets import MODEL, Dataset, read
from argosy.jobs.worker import prepared
from argosy.kernels import ANSWER
from argosy.plugins import call, installed
from argosy.plugins.calling import whole
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
    there = set(predictions.columns)
    fitting = [metric for metric in metrics if task in metric.tasks and there >= {*metric.needs}]
    if not fitting:
        asked = ", ".join(metric.name for metric in metrics)
        reason = f"none of the metrics {asked} applies to a {task} model"
        return failed(
            predictions.select(_ROW).unique(maintain_order=True).with_columns(reason=pl.lit(reason))
        )
    families: dict[int, list[Metric]] = {}
    for metric in fitting:
        families.setdefault(id(metric.measure), []).append(metric)
    groups = grouped(predictions, task)
    models = groups.select(*_ROW, "task", n=pl.col("truth").list.len().cast(pl.Int64))
    measured = [
        rows
        for family in families.values()
        for rows in _measured(models, groups.to_arrow(), family)
    ]
    return pl.concat(measured, how="diagonal_relaxed")


def grouped(predictions: pl.DataFrame, task: Task) -> pl.DataFrame:
    """Return a row per model with its predictions as lists, as a `Metric` is handed them."""
    both = pl.max_horizontal("truth", "prediction").max().cast(pl.Int64) + 1
    known = {"binary": pl.lit(2, pl.Int64), "multiclass": both}
    given = pl.all().exclude(_ROW)
    lists = predictions.group_by(_ROW, maintain_order=True).agg(
        given, classes=known.get(task, pl.lit(None, pl.Int64))
    )
    scores = pl.col("score", "truth_score")
    gives = scores.list.drop_nulls().list.len() > 0
    return lists.with_columns(
        pl.when(gives).then(scores.list.eval(pl.element().fill_null(float("nan")))),
        task=pl.lit(task),
    )


def _measured(models: pl.DataFrame, groups: pa.Table, family: list[Metric]) -> list[pl.DataFrame]:
    """Measure a family in one call; where that fails one by one, to name the culprit."""
    names = [metric.name for metric in family]
    try:
        found = call("metrics", names[0], family[0].measure, groups, names, answers=pa.Table)
        schema = pa.schema([(name, ANSWER) for name in names])
        whole_answer = whole("metrics", names[0], found, schema, groups.num_rows)
    except PluginError as error:
        if len(family) > 1:
            return [row for one in family for row in _measured(models, groups, [one])]
        told = {"metric": names[0], "status": "failed", "reason": str(error)}
        return [models.with_columns(**{name: pl.lit(value) for name, value in told.items()})]
    long = models.hstack(pl.DataFrame(whole_answer)).unpivot(
        index=models.columns, variable_name="metric", value_name="found"
    )
    said = pl.col("found").struct.field("reason")
    return [
        long.select(
            *models.columns,
            "metric",
            pl.when(said.is_null()).then(pl.col("found").struct.field("value")).alias("value"),
            pl.when(said.is_null())
            .then(pl.lit("ok"))
            .otherwise(pl.lit("undefined"))
            .alias("status"),
            said.alias("reason"),
        )
    ]


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
