"""The columns of a log as numbers, and of which models they are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy.kernels.numbers import numbers as read_numbers
from argosy_scoring.told_apart import told_apart
from argosy_scoring.wide_values import changed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.types import TaskRows
    from argosy_scoring.join_labels import Floats, Mask

    Reasons = dict[int, str]
    """Why models are left out, by their number in the dataset."""

HALF = 0.5
_WORDS = (pl.Categorical, pl.Enum, pl.Binary)
_BLOCK = 1 << 14
"""Values that are worked on together, so that they stay in the processor's cache."""


def require(rows: pl.DataFrame, binding: Mapping[str, Any]) -> None:
    """Raise if a log does not say what was predicted."""
    named = {name: binding[name] for name in ("prediction", "score") if binding[name]}
    if not named:
        raise BadInput(
            "the model is scored elsewhere, and its data names neither a prediction nor a score"
        )
    for field, name in named.items():
        if name not in rows.columns:
            raise BadInput(f"the data at {binding['url']} has no {field} column {name!r}")


def one_output(answer: pl.DataFrame) -> pl.DataFrame:
    """Return what a model answered, if it is one prediction per row.

    Raises:
        BadInput: if it is a list of them.
    """
    kind = answer["prediction"].dtype
    if isinstance(kind, pl.List | pl.Array | pl.Struct):
        raise BadInput(
            f"the model predicts several outputs (its predictions are {kind}); argosy measures"
            " one: train a model for each"
        )
    return answer


def numbers(found: TaskRows, name: str, what: str) -> tuple[Floats, Reasons]:
    """Read a column as float64, and say which models have values there that are no numbers."""
    column = found.rows[name]
    if column.dtype in _WORDS:  # text that spells numbers
        column = column.cast(pl.String)
    values = read_numbers(column).to_numpy()
    lost = changed(column, values)
    reasons = {} if lost is None else _of_wide(found, column, lost, what)
    if what != "truth":
        return values, {**reasons, **unsound(found, values, what)}
    if np.isfinite(values.sum()):
        return values, reasons
    wrong = faulty(found, np.isnan(values), what)  # an infinite one is a number
    return values, {**reasons, **wrong}


def _of_wide(found: TaskRows, column: pl.Series, lost: Mask, what: str) -> Reasons:
    """Say of which models numbers are beyond what a float tells from its neighbours."""
    rows = np.flatnonzero(lost)
    places, first = np.unique(found.place[rows], return_index=True)
    return {
        place: (
            f"its {what} has numbers beyond 2^53 such as {column[int(row)]}, which no float tells"
            " from its neighbours; take a number near them off truth and prediction"
        )
        for place, row in zip(places.tolist(), rows[first].tolist(), strict=True)
    }


def scores(found: TaskRows) -> tuple[Floats, Reasons]:
    """Read the score of every row, NaN where there is none, and say which models' are wrong."""
    column = found.rows[found.binding["score"]]
    score = told_apart(column)
    if np.isfinite(score.sum()):
        return score, {}
    wrong = ~np.isfinite(score)
    if wrong.any() and column.null_count():  # a row may have none
        wrong &= column.is_not_null().to_numpy()
    return score, faulty(found, wrong, "score")


def unsound(found: TaskRows, values: Floats, what: str) -> Reasons:
    """Say of every model how many of its values are NaN or infinite, where any are."""
    if np.isfinite(values.sum()):  # of finite ones too great to be added up the rows are looked at
        return {}
    return faulty(found, ~np.isfinite(values), what)


def faulty(found: TaskRows, wrong: Mask, what: str) -> Reasons:
    """Say of every model how many of its values are wrong, where any are."""
    if not wrong.any():
        return {}
    places = found.place
    models = found.models.height
    counts = np.bincount(places, wrong, models).astype(int)
    totals = np.bincount(places, minlength=models)
    told = "values of the {} are neither a finite number nor a known class"
    return {
        int(place): f"{counts[place]} of {totals[place]} " + told.format(what)
        for place in np.flatnonzero(counts)
    }


def weights(found: TaskRows) -> tuple[Floats, Reasons]:
    """Return every row's weight, 1 where the binding names none, and which models' are wrong."""
    name = found.binding["weight"]
    rows = found.rows
    if not name:
        return np.ones(rows.height), {}
    values = read_numbers(rows[name]).fill_null(0.0).to_numpy()
    wrong = ~(np.isfinite(values) & (values >= 0))
    if not wrong.any():
        return values, {}
    odd = np.bincount(found.place, wrong, found.models.height)
    reason = f"the weights in {name!r} must be finite and not negative"
    return values, {int(place): reason for place in np.flatnonzero(odd)}


def latency(found: TaskRows) -> dict[str, Floats]:
    """Return what each prediction took, in milliseconds, where the binding says so."""
    name = found.binding["latency"]
    if not name:
        return {}
    return {"latency": read_numbers(found.rows[name]).to_numpy()}


def decided(score: Floats) -> Floats:
    """Predict class 1 where its score is above one half; NaN where there is none.

    Of two classes that are equally probable the first is predicted, as of many: see `ties`.
    """
    said = (score > HALF).astype(np.float64)
    missing = np.isnan(score)
    if missing.any():
        said[missing] = np.nan
    return said


def of_truth(truth: Floats, score: Floats) -> Floats:
    """Return the probability of what came true, 0 or 1, from that of class 1."""
    found = np.empty(len(score))
    for start in range(0, len(score), _BLOCK):
        own = slice(start, start + _BLOCK)
        other = (truth[own] != 1).astype(np.float64)
        np.multiply(score[own], 1 - 2 * other, out=found[own])
        found[own] += other
    return found
