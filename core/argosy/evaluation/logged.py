"""Predictions that a log holds, for all models of a dataset at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.evaluation.digest import row_hash
from argosy.evaluation.hashing import mixed, number_hash, value_hash
from argosy.evaluation.labels import coded
from argosy.evaluation.predictions import Predictions, beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.evaluation.labelled import Floats, Labelled, Mask
    from argosy.types import Task

    Reasons = dict[int, str]
    """Why models are left out, by their number in the dataset."""

HALF = 0.5


def logged(found: Labelled, cuts: Mapping[str, pl.Expr]) -> tuple[list[Predictions], Reasons]:
    """Take predictions from the data's own columns.

    A model whose task is not declared is a regression if its truth is a floating-point number
    and there is no score; else its classes are the labels that occur in truth and prediction.
    Without a prediction, a score of at least one half predicts class 1.

    Raises:
        BadInput: if the binding names neither a prediction nor a score, or one that is not there.
    """
    require(found.dataset.rows, found.dataset.binding)
    binding = found.dataset.binding
    numeric = found.dataset.rows[binding["truth"]].dtype.is_float() and not binding["score"]
    task = found.dataset.models["task"]
    regression = ((task == "regression") | (task.is_null() & numeric)).fill_null(False).to_numpy()
    parts: list[Predictions] = []
    reasons: Reasons = {}
    for chosen, take in ((regression, _numbers), (~regression, _classes)):
        if chosen.any():
            part, why = take(found.only(chosen), cuts)
            parts.append(part)
            reasons |= why
    return parts, reasons


def require(rows: pl.DataFrame, binding: dict[str, Any]) -> None:
    """Raise if a log does not say what was predicted."""
    named = {name: binding[name] for name in ("prediction", "score") if binding[name]}
    if not named:
        raise BadInput(
            "the model is scored elsewhere, and its data names neither a prediction nor a score"
        )
    for field, name in named.items():
        if name not in rows.columns:
            raise BadInput(f"the data at {binding['url']} has no {field} column {name!r}")


def _numbers(found: Labelled, cuts: Mapping[str, pl.Expr]) -> tuple[Predictions, Reasons]:
    binding = found.dataset.binding
    if not binding["prediction"]:
        raise BadInput("a regression needs its prediction, and its binding names only a score")
    truth, odd = numbers(found, binding["truth"], "truth")
    prediction, wrong = numbers(found, binding["prediction"], "prediction")
    weight, light = weights(found)
    reasons = {**wrong, **odd, **light}
    columns = {"truth": truth, "prediction": prediction, "weight": weight, **latency(found)}
    return finished(found, "regression", None, columns, number_hash(truth), reasons, cuts)


def _classes(found: Labelled, cuts: Mapping[str, pl.Expr]) -> tuple[Predictions, Reasons]:
    binding, rows = found.dataset.binding, found.dataset.rows
    models = found.dataset.models
    guess = rows[binding["prediction"]] if binding["prediction"] else None
    codes = coded(
        rows[binding["truth"]], guess, found.places, models.height, positive=binding["positive"]
    )
    weight, reasons = weights(found)
    columns: dict[str, Any] = {
        "truth": codes.truth,
        "prediction": codes.prediction,
        "weight": weight,
    }
    task, odd = _tasks(found, codes.classes)
    if binding["score"]:
        score, wrong = scores(found)
        reasons |= wrong
        if guess is None:
            columns["prediction"] = np.where(np.isnan(score), np.nan, score >= HALF)
        if "multiclass" in task:  # a score tells two classes apart
            several = np.array([each == "multiclass" for each in task])
            score = np.where(several[found.places], np.nan, score)
        columns["score"] = score
        columns["truth_score"] = np.where(codes.truth == 1, score, 1 - score)
    reasons |= faulty(found, ~np.isfinite(columns["prediction"]), "prediction")
    reasons |= odd
    columns |= latency(found)
    return finished(found, task, codes.classes, columns, codes.identity, reasons, cuts)


def _tasks(found: Labelled, classes: Sequence[Sequence[str]]) -> tuple[list[str], Reasons]:
    """Return every model's task, and which have labels that do not fit it."""
    binding, reasons = found.dataset.binding, {}
    tasks = []
    for place, (given, labels) in enumerate(
        zip(found.dataset.models["task"], classes, strict=True)
    ):
        several = len(labels) > 2
        tasks.append(given or ("multiclass" if several else "binary"))
        shown = ", ".join(map(repr, labels[:4]))
        if tasks[-1] == "binary" and several:
            reasons[place] = f"a binary model has two classes, and its data {len(labels)}: {shown}"
        elif several and not binding["prediction"]:
            reasons[place] = (
                f"a score tells two classes apart, and its data has {len(labels)}: {shown};"
                " bind a prediction"
            )
        elif len(labels) == 1 and binding["score"]:
            reasons[place] = (
                f"its only label is {shown}, and nobody says which class the score is of;"
                " name the label in the binding's `positive`"
            )
    return tasks, reasons


def finished(
    found: Labelled,
    task: str | Sequence[Task | str],
    labels: Sequence[Sequence[str]] | None,
    columns: Mapping[str, Any],
    truth: NDArray[np.uint64],
    reasons: Reasons,
    cuts: Mapping[str, pl.Expr],
    features: NDArray[np.uint64] | None = None,
) -> tuple[Predictions, Reasons]:
    """Put predictions together, without those of models that have a reason to be left out."""
    models = found.dataset.models.height
    predictions = beside(
        found,
        [task] * models if isinstance(task, str) else task,
        [None] * models if labels is None else labels,
        columns,
        _identity(found, features),
        truth,
        cuts,
    )
    if reasons:
        left = np.ones(models, np.bool_)
        left[list(reasons)] = False
        predictions = predictions.only(left[found.groups["argosy_place"].to_numpy()])
    return predictions, reasons


def numbers(found: Labelled, name: str, what: str) -> tuple[Floats, Reasons]:
    """Read a column as float64, and say which models have values there that are no numbers."""
    column = found.dataset.rows[name]
    values = column.cast(pl.Float64, strict=False).to_numpy()
    wrong = ~np.isfinite(values)
    if what == "truth":  # an infinite one is a number, if no good one
        wrong = np.isnan(values)
    return values, faulty(found, wrong, what)


def scores(found: Labelled) -> tuple[Floats, Reasons]:
    """Read the score of every row, NaN where there is none, and say which models' are wrong."""
    column = found.dataset.rows[found.dataset.binding["score"]]
    score = column.cast(pl.Float64, strict=False).to_numpy()
    wrong = ~np.isfinite(score)
    if wrong.any() and column.null_count():  # a row may have none
        wrong &= column.is_not_null().to_numpy()
    return score, faulty(found, wrong, "score")


def faulty(found: Labelled, wrong: Mask, what: str) -> Reasons:
    """Say of every model how many of its values are wrong, where any are."""
    if not wrong.any():
        return {}
    places = found.places
    models = found.dataset.models.height
    counts = np.bincount(places, wrong, models).astype(int)
    totals = np.bincount(places, minlength=models)
    told = "values of the {} are neither a finite number nor a known class"
    return {
        int(place): f"{counts[place]} of {totals[place]} " + told.format(what)
        for place in np.flatnonzero(counts)
    }


def weights(found: Labelled) -> tuple[Floats, Reasons]:
    """Return every row's weight, 1 where the binding names none, and which models' are wrong."""
    name = found.dataset.binding["weight"]
    rows = found.dataset.rows
    if not name:
        return np.ones(rows.height), {}
    values = rows[name].cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()
    wrong = ~(np.isfinite(values) & (values >= 0))
    if not wrong.any():
        return values, {}
    odd = np.bincount(found.places, wrong, found.dataset.models.height)
    reason = f"the weights in {name!r} must be finite and not negative"
    return values, {int(place): reason for place in np.flatnonzero(odd)}


def latency(found: Labelled) -> dict[str, Floats]:
    """Return what each prediction took, in milliseconds, where the binding says so."""
    name = found.dataset.binding["latency"]
    if not name:
        return {}
    return {"latency": found.dataset.rows[name].cast(pl.Float64, strict=False).to_numpy()}


def _identity(found: Labelled, features: NDArray[np.uint64] | None) -> NDArray[np.uint64]:
    """Hash what identifies each row: its id; else its timestamp and features."""
    if found.ids is not None:
        return found.ids
    time, rows = found.dataset.binding["timestamp"], found.dataset.rows
    nothing = np.zeros(rows.height, np.uint64)
    base = value_hash(rows[time]) if time in rows.columns else nothing
    return base if features is None else mixed(row_hash(base, features, None))
