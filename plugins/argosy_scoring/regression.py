"""Numbers beside numbers: how the task `regression` reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.types import Readout
from argosy_scoring.columns import numbers, one_output, require, unsound
from argosy_scoring.number_or_class import may_be_number, may_have_fractions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.types import Answered, Predictor, TaskRows


def from_log(handed: TaskRows) -> Readout:
    """Read the numbers that a log has.

    Raises:
        BadInput: if the binding names no prediction, or a column that is not there.
    """
    require(handed.rows, handed.binding)
    name = handed.binding["prediction"]
    if not name:
        raise BadInput("a regression needs its prediction, and its binding names only a score")
    truth, odd = numbers(handed, handed.binding["truth"], "truth")
    prediction, wrong = numbers(handed, name, "prediction")
    rows = pl.DataFrame({"truth": truth, "prediction": prediction})
    return Readout(rows, {**wrong, **odd})


def from_models(handed: TaskRows, answers: Sequence[Answered]) -> Readout:
    """Read the numbers that models predicted here."""
    prediction = np.concatenate(
        [each.rows["prediction"].cast(pl.Float64, strict=False).to_numpy() for each in answers]
    )
    truth, odd = numbers(handed, handed.binding["truth"], "truth")
    rows = pl.DataFrame({"truth": truth, "prediction": prediction})
    return Readout(rows, {**unsound(handed, prediction, "prediction"), **odd})


def recognises(binding: Mapping[str, Any], schema: Mapping[str, pl.DataType]) -> bool:
    """Say whether the truth may be a number with a fraction, or be predicted by one.

    Where it may, values tell (`number_or_class`).
    """
    kinds = [schema[binding[name]] for name in ("truth", "prediction") if binding[name] in schema]
    return may_be_number(kinds[0]) and any(may_have_fractions(kind) for kind in kinds)


def sound(_model: Predictor, answer: pl.DataFrame) -> pl.DataFrame:
    """Keep predictions, one number a row.

    Raises:
        BadInput: if the model predicts several outputs.
    """
    return one_output(answer).select("prediction")
