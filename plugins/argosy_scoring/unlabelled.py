"""Predictions of rows whose truth is not needed, coded as those of the rows that have one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.data.datasets import MODEL
from argosy.data.left_out import leave_out_of
from argosy.errors import ArgosyError, BadInput
from argosy.kernels.numbers import numbers
from argosy.registry.registration import EXTERNAL
from argosy_rows.flat_lists import lists
from argosy_rows.groups import grouped
from argosy_rows.periods import LABELS
from argosy_rows.together import read_together
from argosy_rows.windows import WHOLE, WindowSpec
from argosy_scoring.class_codes import coded
from argosy_scoring.columns import HALF, faulty, require, scores
from argosy_scoring.join_labels import PLACE, Labelled
from argosy_scoring.labels import BITS, as_bits, as_text
from argosy_scoring.left_out import WEIGHTLESS
from argosy_scoring.model_cache import answered, failure, features
from argosy_scoring.multiclass import told
from argosy_scoring.predictions import TROUBLE
from argosy_scoring.whole_windows import whole_windows
from argosy_scoring.written_numbers import written_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.data.datasets import Dataset
    from argosy.store.location import Location
    from argosy_scoring.columns import Reasons
    from argosy_scoring.join_labels import Floats
    from argosy_scoring.model_cache import Models

_TWO = 2
FORESEEN: dict[str, Any] = {
    "model": pl.String,
    "version": pl.String,
    **LABELS,
    "whole": pl.Boolean,
    **dict.fromkeys(("prediction", "score"), pl.List(pl.Float64)),
}


def foresee(
    models: pl.DataFrame, location: Location, held: Models, cut: WindowSpec = WHOLE
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gather predictions whether rows have a truth or not.

    Args:
        models: one row per model, as `argosy_scoring.gather.gather` takes it, with the
            `task` and the class `labels` that it found where there is a truth.
        location: of the fleet.
        held: the models that are loaded already.
        cut: the windows of the rows.

    Returns:
        One row per model and window with `model`, `version`, the columns of the window, whether it
        is `whole` (null where rows are not cut) and the lists `prediction` and `score` (NaN where
        there is none); and `model`, `version`, `reason` of the others.
    """
    found = [pl.DataFrame(schema=FORESEEN)]
    trouble = [pl.DataFrame(schema=TROUBLE)]
    for dataset in written_numbers(read_together(models, location, cut.needs())):
        there = set(dataset.rows[MODEL].unique())
        absent = dataset.models.filter(~pl.col("model").is_in(there))
        why = pl.lit(dataset.reason) if dataset.reason else dataset.absent(absent)
        trouble.append(absent.select("model", "version", reason=why))
        try:
            parts = list(_parts(dataset, cut))
        except BadInput as error:
            there_too = dataset.models.filter(pl.col("model").is_in(there))
            trouble.append(there_too.select("model", "version", reason=pl.lit(str(error))))
            continue
        for part in parts:
            try:
                rows, bad = _taken(part, held)
            except ArgosyError as error:
                rows = found[0]
                places = part.groups[PLACE].to_numpy()
                named = part.dataset.models[places].select("model", "version")
                bad = named.with_columns(reason=pl.lit(str(error)))
            found.append(rows)
            trouble.append(bad)
    return pl.concat(found), pl.concat(trouble)


def _parts(dataset: Dataset, cut: WindowSpec) -> Iterator[Labelled]:
    """Part the rows that count by how they are predicted, and by what."""
    rows = grouped(cut.rows(replace(dataset, rows=_counted(dataset))), cut.by())
    models = dataset.models
    owner = pl.DataFrame({MODEL: models["model"], PLACE: np.arange(models.height)})
    place = rows.groups.join(owner, on=MODEL, how="left", maintain_order="left")[PLACE]
    groups = cut.named(rows.groups).select(place, *LABELS)
    every = pl.Series(rows.lengths)
    groups = groups.with_columns(whole_windows(groups, groups[PLACE], every, dataset, cut.window))
    whole = Labelled(replace(dataset, rows=rows.rows), groups, rows.lengths, None)
    there = np.zeros(models.height, np.bool_)
    there[groups[PLACE].to_numpy()] = True
    logs = (models["format"] == EXTERNAL).to_numpy()
    numeric = models["labels"].is_null().to_numpy()
    for one in (logs, ~logs):
        for two in (numeric, ~numeric):
            if (one & two & there).any():
                yield whole.only(one & two & there)


def _counted(dataset: Dataset) -> pl.DataFrame:
    name = dataset.binding["weight"]
    if not name or name not in dataset.rows.columns:
        return dataset.rows
    weight = numbers(dataset.rows[name]).fill_null(0.0)
    if (weight > 0).all():
        return dataset.rows
    leave_out_of(WEIGHTLESS, dataset, dataset.rows[MODEL].filter(~(weight > 0)))
    return dataset.rows.filter(weight > 0)


def _taken(found: Labelled, held: Models) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the predictions of models of one kind, and why some have none."""
    place = found.groups[PLACE].to_numpy()
    models = found.dataset.models
    score = np.full(found.dataset.rows.height, np.nan)
    guess: pl.Series | None
    if models["format"][int(place[0])] == EXTERNAL:
        guess, score, reasons = _told(found)
    else:
        guess, score, reasons = _predicted(found, held, score)
    if guess is None:
        prediction = np.where(np.isnan(score), np.nan, score >= HALF)
    elif models["labels"][int(place[0])] is None:
        prediction = numbers(guess).to_numpy()
    else:
        known = models["labels"].fill_null([]).to_list()
        binary = np.array([{*each} <= BITS for each in known])[found.places]
        labels = as_text(guess)
        labels = as_bits(labels).zip_with(pl.Series(binary), labels)
        codes = coded(labels, None, found.places, models.height, known)
        sizes = np.array([len(each) for each in known])[found.places]
        prediction = np.where(codes.truth < sizes, codes.truth, np.nan)
    wrong = faulty(found.handed(), ~np.isfinite(prediction), "prediction")
    reasons = {**wrong, **faulty(found.handed(), np.isinf(score), "score"), **reasons}
    told = (
        models[place]
        .select("model", "version")
        .hstack(found.groups.select(*LABELS, "whole"))
        .with_columns(
            prediction=pl.Series(lists(prediction, found.lengths)),
            score=pl.Series(lists(score, found.lengths)),
        )
    )
    sound = np.array([number not in reasons for number in place.tolist()], np.bool_)
    why = models[list(reasons)].select("model", "version")
    return told.filter(pl.Series(sound)), why.with_columns(
        reason=pl.Series(list(reasons.values()), dtype=pl.String)
    )


def _told(found: Labelled) -> tuple[pl.Series | None, Floats, Reasons]:
    """Take predictions and scores from the data's own columns; there may be no predictions."""
    rows, binding = found.dataset.rows, found.dataset.binding
    require(rows, binding)
    score = np.full(rows.height, np.nan)
    wrong: Reasons = {}
    several = binding["score"] and rows.schema[binding["score"]].is_nested()
    if several:
        given = told(rows[binding["score"]], binding["positive"])
        wrong = faulty(found.handed(), given.wrong, "score")
        if (given.width == 2).all():
            score = given.values[1::2]
    elif binding["score"]:
        score, wrong = scores(found.handed())
    if binding["prediction"]:
        return rows[binding["prediction"]], score, wrong
    place = found.groups[PLACE][0]
    if found.dataset.models["labels"][place] is None:
        task = found.dataset.models["task"][place]
        raise BadInput(f"a {task} needs its prediction, and its binding names only a score")
    return None, score, wrong


def _predicted(found: Labelled, held: Models, score: Floats) -> tuple[pl.Series, Floats, Reasons]:
    """Let every model predict its rows."""
    reasons: Reasons = {}
    guesses: list[pl.Series] = []
    place = found.groups[PLACE]
    owners = place.unique(maintain_order=True).to_list()  # the windows of a model are neighbours
    totals = np.bincount(place.to_numpy(), found.lengths)[owners].astype(np.int64)
    for number, end, size in zip(owners, np.cumsum(totals), totals, strict=True):
        unit = found.dataset.models.row(number, named=True)
        rows = found.dataset.rows.slice(end - size, size)
        try:
            predictor = held.get(unit)
            names = features(unit, found.dataset, predictor.task)
            answer = answered(predictor, rows, names, unit["binding"])
        except Exception as error:  # a stranger's model may raise anything
            reasons[number] = failure(error)
            guesses.append(pl.Series([None], dtype=pl.String).new_from_index(0, int(size)))
            continue
        guesses.append(as_text(answer["prediction"]))
        if "probabilities" in answer.columns and len(unit["labels"] or ()) == _TWO:
            score[end - size : end] = answer["probabilities"].list.get(1).to_numpy()
    return pl.concat(guesses), score, reasons
