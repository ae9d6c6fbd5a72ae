"""Turn rows into predictions beside the truth, by the model itself or from its log.

Both ways give the same columns, all float64: `truth`, `prediction`, `score`, `truth_score` and
`weight`. Class labels become codes: their place among the model's classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import polars as pl

from argosy.artifacts import fetch
from argosy.errors import ArtifactError, BadInput, PluginError
from argosy.evaluation.coding import (
    answered,
    as_codes,
    as_text,
    checked,
    class_labels,
    require,
    text,
)
from argosy.plugins import call, installed

if TYPE_CHECKING:
    from argosy.store.location import Location
    from argosy.types import Predictor, Task

COLUMNS = ("truth", "prediction", "score", "truth_score", "weight")


def load(unit: dict[str, Any], location: Location) -> Predictor:
    """Fetch, verify and parse one artifact.

    Raises:
        ArtifactError: if it is missing, changed, or not readable as its format.
    """
    loader = installed().loaders[unit["format"]]
    content = fetch(unit["artifact"], unit["digest"], location)
    try:
        predictor = call("loaders", loader.format, loader.load, content, answers=object)
    except PluginError as error:
        raise ArtifactError(f"cannot read the artifact {unit['artifact']}: {error}") from error
    return _Guarded(loader.format, cast("Predictor", predictor))


class _Guarded:
    """A model whose predictions are asked for like all that strangers wrote."""

    def __init__(self, format: str, model: Predictor) -> None:  # noqa: A002
        self._format, self._model = format, model
        self.task, self.classes = model.task, model.classes

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row.

        Raises:
            PluginError: if the model fails, hangs, or changes the rows.
        """
        predict = self._model.predict
        return call("loaders", self._format, predict, rows, answers=pl.DataFrame)


def scored(
    predictor: Predictor, rows: pl.DataFrame, features: list[str], binding: dict[str, Any]
) -> tuple[Task, pl.DataFrame]:
    """Predict the rows that have a truth, and code truth and prediction alike.

    Raises:
        BadInput: if a feature is missing, no row has a truth, or a prediction is no number.
    """
    require(rows, features, binding)
    rows = with_truth(rows, binding)
    answer = answered(predictor, rows, features)
    truth = rows[binding["truth"]]
    weight = _weight(rows, binding)
    if predictor.task == "regression":
        prediction = answer["prediction"].cast(pl.Float64)
        return "regression", checked(_frame(truth.cast(pl.Float64), prediction, weight))
    labels = [text(label) for label in predictor.classes]
    codes = {label: float(code) for code, label in enumerate(labels)}
    unseen = float(len(labels))
    coded = pl.DataFrame(
        {
            "truth": as_text(truth).replace_strict(codes, default=unseen, return_dtype=pl.Float64),
            "prediction": as_codes(answer["prediction"], codes),
            "weight": weight,
        }
    )
    if "probabilities" in answer.columns:
        place = coded["truth"].cast(pl.Int64)
        each = answer["probabilities"]
        coded = coded.with_columns(
            score=each.list.get(1, null_on_oob=True)
            if len(labels) == 2
            else pl.lit(None, pl.Float64),
            truth_score=each.list.get(place, null_on_oob=True).fill_null(0.0),
        )
    else:
        nothing = pl.lit(None, pl.Float64)
        coded = coded.with_columns(score=nothing, truth_score=nothing)
    return predictor.task, checked(coded.select(COLUMNS))


def logged(
    rows: pl.DataFrame, binding: dict[str, Any], task: Task | None
) -> tuple[Task, pl.DataFrame]:
    """Take predictions from the data's own columns.

    Raises:
        BadInput: if the binding names no prediction or score, or no row has a truth.
    """
    named = [binding[name] for name in ("prediction", "score") if binding[name]]
    if not named:
        raise BadInput(
            "the model is scored elsewhere, and its data names neither a prediction nor a score"
        )
    rows = with_truth(rows, binding)
    truth = rows[binding["truth"]]
    weight = _weight(rows, binding)
    if task == "regression" or (task is None and not binding["score"] and truth.dtype.is_float()):
        prediction = rows[binding["prediction"]].cast(pl.Float64)
        return "regression", checked(_frame(truth.cast(pl.Float64), prediction, weight))
    score = rows[binding["score"]].cast(pl.Float64) if binding["score"] else None
    truth_text = as_text(truth)
    guess = rows[binding["prediction"]] if binding["prediction"] else None
    labels = class_labels(truth_text, guess)
    codes = {label: float(code) for code, label in enumerate(labels)}
    coded = pl.DataFrame(
        {
            "truth": truth_text.replace_strict(codes, return_dtype=pl.Float64),
            "weight": weight,
        }
    )
    coded = coded.with_columns(
        score=score if score is not None else pl.lit(None, pl.Float64),
        prediction=as_codes(guess, codes) if guess is not None else (score >= 0.5).cast(pl.Float64),  # type: ignore[operator, union-attr]
    ).with_columns(
        truth_score=pl.when(pl.col("truth") == 1).then("score").otherwise(1 - pl.col("score"))
    )
    found: Task = task or ("binary" if len(labels) <= 2 else "multiclass")
    return found, checked(coded.select(COLUMNS))


def with_truth(rows: pl.DataFrame, binding: dict[str, Any]) -> pl.DataFrame:
    """Return the rows that have a truth.

    Raises:
        BadInput: if there is none.
    """
    name = binding["truth"]
    if not name:
        raise BadInput(f"the binding of {binding['url']} names no truth column; bind it with one")
    if name not in rows.columns:
        raise BadInput(f"the data at {binding['url']} has no truth column {name!r}")
    known = rows.filter(pl.col(name).is_not_null())
    if known[name].dtype.is_float():
        known = known.filter(pl.col(name).is_not_nan())
    if known.is_empty():
        raise BadInput(f"no row at {binding['url']} has a truth")
    return known


def _weight(rows: pl.DataFrame, binding: dict[str, Any]) -> pl.Series:
    if not binding["weight"]:
        return pl.Series("weight", [1.0]).new_from_index(0, rows.height)
    weight: pl.Series = rows[binding["weight"]].cast(pl.Float64).fill_null(0.0)
    if not (weight >= 0).all() or not weight.is_finite().all():
        raise BadInput(f"the weights in {binding['weight']!r} must be finite and not negative")
    return weight


def _frame(truth: pl.Series, prediction: pl.Series, weight: pl.Series) -> pl.DataFrame:
    nothing = pl.lit(None, pl.Float64)
    return (
        pl.DataFrame({"truth": truth, "prediction": prediction, "weight": weight})
        .with_columns(score=nothing, truth_score=nothing)
        .select(COLUMNS)
    )
