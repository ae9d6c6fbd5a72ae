"""Classes that models predict here, beside the labels that came true, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.types import Readout
from argosy_scoring.class_codes import coded
from argosy_scoring.columns import one_output, unsound
from argosy_scoring.labels import as_bits, as_text, text
from argosy_scoring.multiclass import columns
from argosy_scoring.ties import settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.types import Answered, Predictor, TaskRows
    from argosy_scoring.join_labels import Floats, Ints

_ROUNDING = 1e-6
"""By how much rounding may carry a probability past 0 or 1."""


def sound(model: Predictor, answer: pl.DataFrame) -> pl.DataFrame:
    """Keep predictions, and probabilities where a model gives them.

    Raises:
        BadInput: if there are more or fewer probabilities than classes, or what is none; and if
            the model predicts several outputs.
    """
    one_output(answer)
    if "probabilities" not in answer.columns:
        return answer.select("prediction")
    each = answer["probabilities"].cast(pl.List(pl.Float64))
    size = each.list.len().fill_null(0)
    classes = len(model.classes)
    odd = int((size != classes).sum())
    if odd:
        raise BadInput(
            f"the model gave {size.filter(size != classes)[0]} probabilities for {classes} classes"
            f" in {odd} of {answer.height} rows"
        )
    flat = each.explode(empty_as_null=False, keep_nulls=False)
    outside = int((~flat.is_between(-_ROUNDING, 1 + _ROUNDING)).fill_null(True).sum())
    if outside:
        raise BadInput(f"{outside} of {len(flat)} probabilities do not lie between 0 and 1")
    return pl.DataFrame([answer["prediction"], each.alias("probabilities")])


def from_models(handed: TaskRows, answers: Sequence[Answered]) -> Readout:
    """Read the classes that models predicted here."""
    models = handed.models.height
    labels: list[list[str]] = [[] for _ in range(models)]
    boolean = np.zeros(models, np.bool_)
    for place, model, _ in answers:
        labels[place] = [text(label) for label in model.classes]
        boolean[place] = any(isinstance(label, (bool, np.bool_)) for label in model.classes)
    guess = pl.concat([as_text(each.rows["prediction"]) for each in answers])
    truth = handed.rows[handed.binding["truth"]]
    if boolean.any() and truth.dtype != pl.Boolean:
        truth = as_text(truth)
        truth = as_bits(truth).zip_with(pl.Series(boolean[handed.place]), truth)
    codes = coded(truth, guess, handed.place, models, labels)
    flat, width = _flat(answers)
    prediction = settled(codes.prediction, flat, width, handed.place)
    probable = _probable(answers, flat, width, codes.truth) if len(flat) else {}
    rows = {"truth": codes.truth, "prediction": prediction, **probable}
    return Readout(
        pl.DataFrame(rows),
        {**unsound(handed, codes.prediction, "prediction"), **codes.apart},
        codes.classes,
        truth=codes.identity,
    )


def _flat(answers: Sequence[Answered]) -> tuple[Floats, Ints]:
    """Return the probabilities of all rows end to end, and how many each row has."""
    flat: list[Floats] = []
    widths: list[int] = []
    for _, _, answer in answers:
        each = pl.Series(dtype=pl.Float64)
        if "probabilities" in answer.columns:
            each = answer["probabilities"].explode(empty_as_null=False, keep_nulls=False)
        flat.append(each.to_numpy())
        widths.append(len(each) // max(answer.height, 1))
    heights = [answer.height for _, _, answer in answers]
    return np.concatenate(flat), np.repeat(np.array(widths, np.int64), heights)


def _probable(
    answers: Sequence[Answered], flat: Floats, width: Ints, truth: Floats
) -> dict[str, Any]:
    """Return the probability of class 1 and of the truth, and all where there are many classes."""
    tasks = [each.model.task for each in answers]
    heights = [each.rows.height for each in answers]
    binary = np.repeat(np.array([task == "binary" for task in tasks]), heights)
    return columns(flat, width, truth, binary, "multiclass" in tasks)
