"""Predictions of models, and the table in which a metric is handed those of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


COLUMNS = ("truth", "prediction", "score", "truth_score", "weight")
SCORES = ("score", "truth_score", "probabilities")

_CLASSES = 4
_INFINITY, _NAN = float("inf"), float("nan")


class Predictions(NamedTuple):
    """The predictions of one model."""

    rows: pl.DataFrame
    """`truth`, `prediction`, `score`, `truth_score`, `weight` and `latency`, all float64, and of a
    multiclass model `probabilities`, a list of float64."""
    scores: NDArray[np.float64]
    """What a reference function takes for scores: the probability of class 1, shape (rows,); of
    every class, shape (rows, classes), for a multiclass model; NaN for a regression."""


def predictions(
    task: str, rows: int, strength: float = 2.0, weights: str = "ones", seed: int = 7
) -> Predictions:
    """Draw the truth, and predictions that come the closer to it, the greater the strength.

    Args:
        task: what the model predicts; a multiclass model has four classes.
        rows: how many.
        strength: signal over noise; at 0 the predictions know nothing of the truth.
        weights: "ones", "whole" (0, 1 or 2) or "real".
        seed: of the generator.

    Raises:
        ValueError: for a ranking, of which it draws none.

    Example:
        >>> found = predictions("binary", 1000, strength=4.0).rows
        >>> round((found["truth"] == found["prediction"]).mean(), 1)
        1.0
    """
    if task == "ranking":
        raise ValueError("there are no rankings to draw: a test must bring its own")
    generator = np.random.default_rng(seed)
    weight = {
        "ones": np.ones(rows),
        "whole": generator.integers(0, 3, rows).astype(np.float64),
        "real": generator.gamma(1.0, size=rows),
    }[weights]
    given: dict[str, NDArray[Any] | None]
    if task == "regression":
        truth = generator.gamma(9.0, 1.0, rows) + 2.0  # away from zero, which ratios divide by
        guess = truth + generator.normal(0.0, 3.0, rows) / max(strength, 1e-3)
        given = {"truth": truth, "prediction": guess, "score": None, "truth_score": None}
        each = np.full(rows, _NAN)
    else:
        classes = 2 if task == "binary" else _CLASSES
        code = generator.integers(0, classes, rows)
        logits = generator.normal(size=(rows, classes)) + strength * np.eye(classes)[code]
        each = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        given = {"truth": code, "prediction": each.argmax(axis=1), "score": None}
        given["truth_score"] = each[np.arange(rows), code]
        if task == "binary":
            given["score"] = each = each[:, 1]
        else:
            given["probabilities"] = each
    given |= {"weight": weight, "latency": generator.gamma(2.0, 5.0, rows)}
    return Predictions(_frame(given, rows), each)


def handed(models: Mapping[str, pl.DataFrame], task: str) -> pa.Table:
    """Lay out the rows of many models as a metric is handed them: a row per model.

    Args:
        models: the rows of each, as `Predictions.rows` has them, by the model's name. What one
            lacks altogether is null.
        task: what the models predict.

    Example:
        >>> table = handed({"m": predictions("binary", 3).rows}, "binary")
        >>> table["classes"].to_pylist(), table["truth"].to_pylist()
        ([2], [[1.0, 0.0, 1.0]])
    """
    frames = models.values()
    classes = [_classes(rows, task) for rows in frames]
    told = {"model": [*models], "version": ["1"] * len(models), "task": [task] * len(models)}
    schema = pa.schema([*((name, pa.string()) for name in told), ("classes", pa.int64())])
    table = pa.table({**told, "classes": classes}, schema)
    for name in dict.fromkeys(column for rows in frames for column in rows.columns):
        table = table.append_column(name, _lists([_flat(rows, name) for rows in frames]))
    return table


def odd(task: str) -> Mapping[str, pl.DataFrame]:
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
        "nothing but equal rows": pl.concat([plain.head(1)] * 20),
    }
    if task == "regression":
        here = pl.int_range(pl.len()) == 3
        for name, value in (("a NaN", _NAN), ("an infinity", _INFINITY), ("a huge error", 1e300)):
            prediction = pl.when(here).then(value).otherwise("prediction")
            models[name] = plain.with_columns(prediction=prediction)
        return models
    scores = [name for name in SCORES if name in plain.columns]
    models["no scores"] = plain.with_columns(
        pl.lit(None, plain.schema[name]).alias(name) for name in scores
    )
    models["some scores"] = plain.with_columns(
        pl.when(pl.int_range(pl.len()) > 3).then(name).alias(name) for name in scores
    )
    if task == "binary":
        half = {"score": pl.lit(0.5), "truth_score": pl.lit(0.5)}
        models["all scores are equal"] = plain.with_columns(**half)
    return models


def _classes(rows: pl.DataFrame, task: str) -> int | None:
    if task == "multiclass" and "probabilities" in rows.columns:
        known = rows["probabilities"].list.len().drop_nulls()
        return int(known[0]) if len(known) else _CLASSES
    return {"binary": 2, "multiclass": _CLASSES}.get(task)


def _flat(rows: pl.DataFrame, name: str) -> NDArray[np.float64] | None:
    """Lay out one column of a model: None where it gives nothing, NaN where a row lacks it."""
    column = rows[name] if name in rows.columns else pl.Series([None] * len(rows))
    if column.null_count() == len(column) > 0:
        return None
    if isinstance(column.dtype, pl.List):
        absent = [_NAN] * len(column.drop_nulls()[0])
        column = pl.select(pl.lit(column).fill_null(absent)).to_series().explode()
    return column.cast(pl.Float64).fill_null(_NAN).to_numpy()


def _lists(columns: Sequence[NDArray[np.float64] | None]) -> pa.LargeListArray:
    sizes = [0 if column is None else len(column) for column in columns]
    given = [column for column in columns if column is not None]
    return pa.LargeListArray.from_arrays(
        pa.array(np.append(0, np.cumsum(sizes, dtype=np.int64))),
        pa.array(np.concatenate(given) if given else np.zeros(0)),
        mask=pa.array([column is None for column in columns], pa.bool_()),
    )


def _frame(columns: Mapping[str, NDArray[Any] | None], rows: int) -> pl.DataFrame:
    given = {name: [None] * rows if of is None else of for name, of in columns.items()}
    several = [name for name in given if name == "probabilities"]
    kinds = dict.fromkeys([name for name in given if name not in several], pl.Float64)
    frame = pl.DataFrame(given, schema_overrides=kinds)
    return frame.cast(dict.fromkeys(several, pl.List(pl.Float64)))
