"""Predictions of rows whose truth is not needed: the columns `prediction` and `score`.

They are coded as `argosy.evaluation.scoring` codes those of rows that have a truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput
from argosy.evaluation.coding import (
    NOTHING,
    answered,
    as_codes,
    as_text,
    checked,
    class_labels,
    require,
    text,
)
from argosy.evaluation.scoring import with_truth

if TYPE_CHECKING:
    from argosy.types import Predictor, Task


def foreseen(
    predictor: Predictor, rows: pl.DataFrame, features: list[str], binding: dict[str, Any]
) -> pl.DataFrame:
    """Predict rows whether they have a truth or not: `prediction` and `score`.

    Raises:
        BadInput: if a feature is missing, or a prediction is no number.
    """
    require(rows, features, binding)
    answer = answered(predictor, rows, features)
    if predictor.task == "regression":
        prediction = answer["prediction"].cast(pl.Float64)
        return checked(pl.DataFrame({"prediction": prediction}).with_columns(score=NOTHING))
    codes = {text(label): float(code) for code, label in enumerate(predictor.classes)}
    scored = len(codes) == 2 and "probabilities" in answer.columns
    each = answer["probabilities"].list.get(1, null_on_oob=True) if scored else NOTHING
    prediction = as_codes(answer["prediction"], codes)
    return checked(pl.DataFrame({"prediction": prediction}).with_columns(score=each))


def told(
    rows: pl.DataFrame, binding: dict[str, Any], task: Task, labels: list[str]
) -> pl.DataFrame:
    """Take predictions from the data's own columns, whether rows have a truth or not.

    Args:
        rows: of one model.
        binding: what their columns are.
        task: what `logged` found of the rows whose truth is known.
        labels: what `labels` found of them.

    Returns:
        The columns `prediction` and `score`.

    Raises:
        BadInput: if the binding names no prediction or score, or a value is neither a finite
            number nor a known class.
    """
    if not (binding["prediction"] or (binding["score"] and task != "regression")):
        raise BadInput(
            "the model is scored elsewhere, and its data names neither a prediction nor a score"
        )
    score = rows[binding["score"]].cast(pl.Float64) if binding["score"] else None
    guess = rows[binding["prediction"]] if binding["prediction"] else None
    if guess is None:
        found = (score >= 0.5).cast(pl.Float64)  # type: ignore[operator, union-attr]
    elif task == "regression":
        found = guess.cast(pl.Float64)
    else:
        found = as_codes(guess, {label: float(code) for code, label in enumerate(labels)})
    frame = pl.DataFrame({"prediction": found})
    return checked(frame.with_columns(score=NOTHING if score is None else score))


def labels(rows: pl.DataFrame, binding: dict[str, Any]) -> list[str]:
    """Return the class labels of logged rows in the order of their codes.

    Raises:
        BadInput: if no row has a truth.
    """
    rows = with_truth(rows, binding)
    guess = rows[binding["prediction"]] if binding["prediction"] else None
    return class_labels(as_text(rows[binding["truth"]]), guess)
