"""Predictions that models make here: each one predicts by itself, the rest is done at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.plugins import installed
from argosy.types import Answered
from argosy_scoring.join_labels import PLACE
from argosy_scoring.model_cache import answered, failure, features
from argosy_scoring.readouts import read
from argosy_scoring.row_digest import feature_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from argosy.types import ReadAnswers, Readout, TaskRows
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Labelled
    from argosy_scoring.model_cache import Models
    from argosy_scoring.predictions import Predictions


def scored(
    found: Labelled, models: Models, cuts: Mapping[str, pl.Expr]
) -> tuple[list[Predictions], Reasons]:
    """Let every model predict its rows that have a truth, and its task read both."""
    reasons: Reasons = {}
    answers: dict[int, Answered] = {}
    hashes: dict[int, Any] = {}
    place = found.groups[PLACE].to_numpy()
    sizes = np.bincount(place, found.lengths, found.dataset.models.height).astype(np.int64)
    starts = _starts(place, found)
    for number, unit in enumerate(found.dataset.models.iter_rows(named=True)):
        if not sizes[number]:
            continue
        rows = found.dataset.rows.slice(starts[number], sizes[number])
        try:
            predictor = models.get(unit)
            names = features(unit, found.dataset, predictor.task)
            answer = answered(predictor, rows, names, unit["binding"])
        except Exception as error:  # a stranger's model may raise anything
            reasons[number] = failure(error)
        else:
            answers[number] = Answered(number, predictor, answer)
            if found.ids is None:
                hashes[number] = feature_hash(rows, names)
    order = [number for number in dict.fromkeys(place.tolist()) if number in answers]
    kinds = installed().tasks
    parts: list[Predictions] = []
    tasks = [
        answers[number].model.task if number in answers else None for number in range(len(sizes))
    ]
    for take in dict.fromkeys(kinds[task].from_models for task in tasks if task is not None):
        family = [kind for kind in kinds.values() if kind.from_models == take]
        own = [number for number in order if kinds[answers[number].model.task] in family]
        chosen = np.zeros(len(sizes), np.bool_)
        chosen[own] = True
        ask = partial(_ask, take, [answers[number] for number in own])
        told = np.concatenate([hashes[number] for number in own]) if hashes else None
        part, why = read(found.only(chosen), family, ask, tasks, cuts, told)
        parts += part
        reasons |= why
    return parts, reasons


def _ask(take: ReadAnswers, answers: Sequence[Answered], handed: TaskRows) -> Readout:
    return take(handed, answers)


def _starts(place: Any, found: Labelled) -> Any:  # noqa: ANN401
    """Return where each model's rows begin; its groups are neighbours."""
    begins = np.cumsum(found.lengths) - found.lengths
    starts = np.zeros(found.dataset.models.height, np.int64)
    starts[place[::-1]] = begins[::-1]
    return starts
