"""Predictions that a log holds, for all models of a dataset at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels.hashing import mixed, number_hash, value_hash
from argosy_scoring.class_codes import coded, zeros_and_ones
from argosy_scoring.columns import (
    decided,
    faulty,
    latency,
    numbers,
    of_truth,
    scores,
    unsound,
    weights,
)
from argosy_scoring.multiclass import columns, most_probable, told
from argosy_scoring.predictions import Predictions, beside
from argosy_scoring.row_digest import row_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy.types import Task
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Labelled
    from argosy_scoring.multiclass import Told
    from argosy_scoring.row_digest import Alike


def logged(found: Labelled, cuts: Mapping[str, pl.Expr]) -> tuple[list[Predictions], Reasons]:
    """Take predictions from the data's own columns.

    A model whose task is not declared is a regression if its truth is a floating-point number
    and there is no score; else its classes are the labels that occur in truth and prediction.
    Without a prediction, a score of at least one half predicts class 1, and of several classes
    the most probable one is predicted. Probabilities of several classes are a struct, whose fields
    are called as the classes, or a list in their order.

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
    labels, positive = (rows[binding["truth"]], guess), binding["positive"]
    score = rows[binding["score"]] if binding["score"] else None
    given = None if score is None or not score.dtype.is_nested() else told(score, positive)
    known = None if given is None or given.labels is None else [given.labels] * models.height
    codes = None if known else zeros_and_ones(*labels, models.height, positive)
    if codes is None:
        codes = coded(*labels, found.places, models.height, known, positive)
    weight, reasons = weights(found)
    task, odd = _tasks(found, codes.classes, given)
    of_rows: dict[str, Any] = {"truth": codes.truth, "prediction": codes.prediction}
    if given is not None:
        binary = np.array([each == "binary" for each in task])[found.places]
        of_rows |= columns(given.values, given.width, codes.truth, binary, "multiclass" in task)
        odd |= faulty(found, given.wrong, "score")
        if guess is None:
            likely = most_probable(given)
            of_rows["prediction"] = np.where(binary, decided(of_rows["score"]), likely)
    elif score is not None:
        of_rows["score"], wrong = scores(found)
        reasons |= wrong
        if guess is None:
            of_rows["prediction"] = decided(of_rows["score"])
        if "multiclass" in task:  # a score tells two classes apart
            several = np.array([each == "multiclass" for each in task])
            of_rows["score"] = np.where(several[found.places], np.nan, of_rows["score"])
        of_rows["truth_score"] = of_truth(codes.truth, of_rows["score"])
    reasons |= unsound(found, of_rows["prediction"], "prediction")
    reasons |= odd
    of_rows |= {"weight": weight, **latency(found)}
    return finished(found, task, codes.classes, of_rows, codes.identity, reasons, cuts)


def _tasks(
    found: Labelled, classes: Sequence[Sequence[str]], given: Told | None
) -> tuple[list[str], Reasons]:
    """Return every model's task, and which have labels that do not fit it, or their scores."""
    binding = found.dataset.binding
    sizes = pl.Series("size", np.fromiter(map(len, classes), np.int64, len(classes)))
    several = pl.col("size") > 2
    usual = pl.when(several).then(pl.lit("multiclass")).otherwise(pl.lit("binary"))
    frame = pl.DataFrame([found.dataset.models["task"].alias("task"), sizes])
    tasks = frame.with_columns(task=pl.coalesce("task", usual))
    doubtful = several & ((pl.col("task") == "binary") | pl.lit(not binding["prediction"]))
    if binding["score"]:
        doubtful |= pl.col("size") == 1
    reasons: Reasons = {}
    many = 0
    if given is not None:
        many = int(given.width.max(initial=0))
        doubtful = (pl.col("size") != many) | (several & (pl.col("task") == "binary"))
    for place in tasks.select(doubtful.arg_true()).to_series().to_list():
        labels = classes[place]
        shown = ", ".join(map(repr, labels[:4]))
        if given is not None and len(labels) != many:
            reasons[place] = (
                f"its score has {many} probabilities in a row, and its data {len(labels)} classes:"
                f" {shown}; give a struct with a field per class"
            )
        elif len(labels) == 1:
            reasons[place] = (
                f"its only label is {shown}, and nobody says which class the score is of;"
                " name the label in the binding's `positive`"
            )
        elif tasks["task"][place] == "binary":
            reasons[place] = f"a binary model has two classes, and its data {len(labels)}: {shown}"
        else:
            reasons[place] = (
                f"a score tells two classes apart, and its data has {len(labels)}: {shown};"
                " bind a prediction"
            )
    return tasks["task"].to_list(), reasons


def finished(
    found: Labelled,
    task: str | Sequence[Task | str],
    labels: Sequence[Sequence[str]] | None,
    columns: Mapping[str, Any],
    truth: NDArray[np.uint64] | Alike,
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


def _identity(found: Labelled, features: NDArray[np.uint64] | None) -> NDArray[np.uint64] | None:
    """Hash what identifies each row: its id; else its timestamp and features; None if nothing."""
    if found.ids is not None:
        return found.ids
    time, rows = found.dataset.binding["timestamp"], found.dataset.rows
    base = value_hash(rows[time]) if time in rows.columns else None
    return base if features is None else mixed(row_hash(base, features, None))
