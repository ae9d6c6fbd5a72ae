"""Predictions that models make here: each one predicts by itself, the rest is done at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.kernels.hashing import number_hash
from argosy_scoring.class_codes import as_text, coded, text
from argosy_scoring.columns import latency, numbers, unsound, weights
from argosy_scoring.join_labels import PLACE
from argosy_scoring.logged import finished
from argosy_scoring.model_cache import answered, failure, features
from argosy_scoring.multiclass import columns
from argosy_scoring.ranked import RANKING, scored_lists
from argosy_scoring.row_digest import feature_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.types import Predictor
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Floats, Labelled
    from argosy_scoring.model_cache import Models
    from argosy_scoring.predictions import Predictions

_NUMBERS, _CLASSES, _LISTS = "regression", "classes", RANKING


def scored(
    found: Labelled, models: Models, cuts: Mapping[str, pl.Expr]
) -> tuple[list[Predictions], Reasons]:
    """Let every model predict its rows that have a truth, and code truth and prediction alike."""
    reasons: Reasons = {}
    answers: dict[int, tuple[Predictor, pl.DataFrame, Any]] = {}
    place = found.groups[PLACE].to_numpy()
    sizes = np.bincount(place, found.lengths, found.dataset.models.height).astype(np.int64)
    starts = _starts(place, found)
    for number, unit in enumerate(found.dataset.models.iter_rows(named=True)):
        if not sizes[number]:
            continue
        rows = found.dataset.rows.slice(starts[number], sizes[number])
        names = features(unit, found.dataset)
        try:
            predictor = models.get(unit)
            answer = answered(predictor, rows, names, unit["binding"])
        except Exception as error:  # a stranger's model may raise anything
            reasons[number] = failure(error)
        else:
            hashes = feature_hash(rows, names) if found.ids is None else None
            answers[number] = (predictor, answer, hashes)
    parts = []
    for kind, take in ((_NUMBERS, _numbers), (_CLASSES, _classes), (_LISTS, _lists)):
        own = {number: each for number, each in answers.items() if _kind(each[0]) == kind}
        if own:
            chosen = np.zeros(len(sizes), np.bool_)
            chosen[list(own)] = True
            part, why = take(found.only(chosen), own, cuts)
            parts.append(part)
            reasons |= why
    return parts, reasons


def _kind(predictor: Predictor) -> str:
    return predictor.task if predictor.task in {_NUMBERS, _LISTS} else _CLASSES


def _starts(place: Any, found: Labelled) -> Any:  # noqa: ANN401
    """Return where each model's rows begin; its groups are neighbours."""
    begins = np.cumsum(found.lengths) - found.lengths
    starts = np.zeros(found.dataset.models.height, np.int64)
    starts[place[::-1]] = begins[::-1]
    return starts


def _in_order(found: Labelled, answers: Mapping[int, Any]) -> list[Any]:
    """Return answers in the order in which the models' rows lie."""
    places = list(dict.fromkeys(found.groups[PLACE].to_list()))
    return [answers[place] for place in places if place in answers]


def _features(ordered: list[Any]) -> Any:  # noqa: ANN401
    return None if ordered[0][2] is None else np.concatenate([each[2] for each in ordered])


def _numbers(
    found: Labelled, answers: Mapping[int, Any], cuts: Mapping[str, pl.Expr]
) -> tuple[Predictions, Reasons]:
    ordered = _in_order(found, answers)
    prediction = np.concatenate(
        [answer["prediction"].cast(pl.Float64, strict=False).to_numpy() for _, answer, _ in ordered]
    )
    truth, odd = numbers(found, found.dataset.binding["truth"], "truth")
    weight, light = weights(found)
    reasons = {**unsound(found, prediction, "prediction"), **odd, **light}
    columns = {"truth": truth, "prediction": prediction, "weight": weight, **latency(found)}
    told = number_hash(truth), reasons, cuts, _features(ordered)
    return finished(found, "regression", None, columns, *told)


def _classes(
    found: Labelled, answers: Mapping[int, Any], cuts: Mapping[str, pl.Expr]
) -> tuple[Predictions, Reasons]:
    ordered = _in_order(found, answers)
    models = found.dataset.models.height
    labels: list[list[str]] = [[] for _ in range(models)]
    task = ["binary"] * models
    for number, (predictor, _, _) in answers.items():
        labels[number] = [text(label) for label in predictor.classes]
        task[number] = predictor.task
    guess = pl.concat([as_text(answer["prediction"]) for _, answer, _ in ordered])
    truth = found.dataset.rows[found.dataset.binding["truth"]]
    codes = coded(truth, guess, found.places, models, labels)
    weight, reasons = weights(found)
    reasons |= unsound(found, codes.prediction, "prediction")
    columns: dict[str, Any] = {
        "truth": codes.truth,
        "prediction": codes.prediction,
        **_probable(ordered, codes.truth, [task[place] for place in _places(found)]),
        "weight": weight,
        **latency(found),
    }
    told = columns, codes.identity, reasons, cuts, _features(ordered)
    return finished(found, task, codes.classes, *told)


def _lists(
    found: Labelled, answers: Mapping[int, Any], cuts: Mapping[str, pl.Expr]
) -> tuple[Predictions, Reasons]:
    ordered = _in_order(found, answers)
    return scored_lists(found, ordered, cuts, _features(ordered))


def _places(found: Labelled) -> list[int]:
    return list(dict.fromkeys(found.groups[PLACE].to_list()))


def _probable(ordered: list[Any], truth: Any, tasks: list[str]) -> dict[str, Any]:  # noqa: ANN401
    """Return the probability of class 1 and of the truth, and all where there are many classes."""
    flat: list[Floats] = []
    widths: list[int] = []
    for _, answer, _ in ordered:
        each = pl.Series(dtype=pl.Float64)
        if "probabilities" in answer.columns:
            each = answer["probabilities"].explode(empty_as_null=False, keep_nulls=False)
        flat.append(each.to_numpy())
        widths.append(len(each) // max(answer.height, 1))
    if not any(widths):
        return {}
    heights = [answer.height for _, answer, _ in ordered]
    width = np.repeat(np.array(widths, np.int64), heights)
    binary = np.repeat(np.array([task == "binary" for task in tasks]), heights)
    return columns(np.concatenate(flat), width, truth, binary, "multiclass" in tasks)
