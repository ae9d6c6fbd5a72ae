"""Predictions of models, and the table in which a metric is handed those of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.types import Task

COLUMNS = ("truth", "prediction", "score", "truth_score", "weight")

_CLASSES = 4
_INFINITY, _NAN = float("inf"), float("nan")


class Predictions(NamedTuple):
    """The predictions of one model."""

    rows: pl.DataFrame
    """`truth`, `prediction`, `score`, `truth_score` and `weight`."""
    scores: NDArray[np.float64]
    """What a reference function takes for scores: the probability of class 1, shape (rows,); of
    every class, shape (rows, classes), for a multiclass model; NaN for a regression."""


def predictions(
    task: Task, rows: int, strength: float = 2.0, weights: str = "ones", seed: int = 7
) -> Predictions:
    """Draw the truth, and predictions that come the closer to it, the greater the strength.

    Args:
        task: what the model predicts; a multiclass model has four classes.
        rows: how many.
        strength: signal over noise; at 0 the predictions know nothing of the truth.
        weights: "ones", "whole" (0, 1 or 2) or "real".
        seed: of the generator.

    Example:
        >>> found = predictions("binary", 1000, strength=4.0).rows
        >>> round((found["truth"] == found["prediction"]).mean(), 1)
        1.0
    """
    generator = np.random.default_rng(seed)
    weight = {
        "ones": np.ones(rows),
        "whole": generator.integers(0, 3, rows).astype(np.float64),
        "real": generator.gamma(1.0, size=rows),
    }[weights]
    if task == "regression":
        truth = generator.normal(10.0, 3.0, rows)
        guess = truth + generator.normal(0.0, 3.0, rows) / max(strength, 1e-3)
        return Predictions(_frame(truth, guess, weight=weight), np.full(rows, _NAN))
    classes = 2 if task == "binary" else _CLASSES
    code = generator.integers(0, classes, rows)
    logits = generator.normal(size=(rows, classes)) + strength * np.eye(classes)[code]
    each = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    score = each[:, 1] if task == "binary" else None
    frame = _frame(code, each.argmax(axis=1), score, each[np.arange(rows), code], weight)
    return Predictions(frame, each if score is None else score)


def handed(models: Mapping[str, pl.DataFrame], task: Task) -> pa.Table:
    """Lay out the rows of many models as a metric is handed them: a row per model.

    Args:
        models: the rows of each, as `Predictions.rows` has them, by the model's name.
        task: what the models predict.

    Example:
        >>> table = handed({"m": predictions("binary", 3).rows}, "binary")
        >>> table["classes"].to_pylist(), table["truth"].to_pylist()
        ([2], [[1.0, 0.0, 1.0]])
    """
    classes = {"binary": 2, "multiclass": _CLASSES}.get(task)
    told = {"model": [*models], "version": ["1"] * len(models), "task": [task] * len(models)}
    table = pa.table(told).append_column("classes", pa.array([classes] * len(models), pa.int64()))
    for name in dict.fromkeys(column for rows in models.values() for column in rows.columns):
        columns = [rows[name].cast(pl.Float64) for rows in models.values()]
        table = table.append_column(name, _lists(columns))
    return table


def odd(task: Task) -> Mapping[str, pl.DataFrame]:
    """Lay out models for which some number does not exist, by what is odd about them.

    Example:
        >>> odd("binary")["no scores"]["score"].null_count()
        20
    """
    plain = predictions(task, 20).rows
    ones, zeros = pl.lit(1.0), pl.lit(0.0)
    models = {
        "one row": plain.head(1),
        "equal rows": pl.concat([plain.head(1)] * 3),
        "all weights are zero": plain.with_columns(weight=zeros),
        "one row has weight": plain.with_columns(
            weight=(pl.int_range(pl.len()) == 3).cast(pl.Float64)
        ),
        "all truths are 0": plain.with_columns(truth=zeros),
        "all truths are 1": plain.with_columns(truth=ones),
        "all predictions are 0": plain.with_columns(prediction=zeros),
        "nothing but 0": plain.with_columns(truth=zeros, prediction=zeros),
    }
    if task == "regression":
        here = pl.int_range(pl.len()) == 3
        for name, value in (("a NaN", _NAN), ("an infinity", _INFINITY), ("a huge error", 1e300)):
            prediction = pl.when(here).then(value).otherwise("prediction")
            models[name] = plain.with_columns(prediction=prediction)
        return models
    absent = pl.lit(None, pl.Float64)
    models["no scores"] = plain.with_columns(score=absent, truth_score=absent)
    models["some scores"] = plain.with_columns(
        pl.when(pl.int_range(pl.len()) > 3).then(name).alias(name)
        for name in ("score", "truth_score")
    )
    return models


def _lists(columns: Sequence[pl.Series]) -> pa.LargeListArray:
    """Lay out a column of each model: null where it gives nothing, NaN where a row lacks it."""
    nothing = [len(column) > 0 and column.null_count() == len(column) for column in columns]
    sizes = [0 if none else len(column) for none, column in zip(nothing, columns, strict=True)]
    given = [column for none, column in zip(nothing, columns, strict=True) if not none]
    flat = [column.fill_null(_NAN).to_numpy() for column in given]
    return pa.LargeListArray.from_arrays(
        pa.array(np.append(0, np.cumsum(sizes, dtype=np.int64))),
        pa.array(np.concatenate(flat) if flat else np.zeros(0)),
        mask=pa.array(nothing, pa.bool_()),
    )


def _frame(
    truth: NDArray[np.float64] | NDArray[np.int64],
    prediction: NDArray[np.float64] | NDArray[np.int64],
    score: NDArray[np.float64] | None = None,
    truth_score: NDArray[np.float64] | None = None,
    weight: NDArray[np.float64] | None = None,
) -> pl.DataFrame:
    columns = zip(COLUMNS, (truth, prediction, score, truth_score, weight), strict=True)
    return pl.DataFrame(
        {name: [None] * len(truth) if of is None else of for name, of in columns},
        schema_overrides=dict.fromkeys(COLUMNS, pl.Float64),
    )
