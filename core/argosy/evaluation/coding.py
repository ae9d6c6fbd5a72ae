"""Labels of classes as codes: their place among the model's classes, however they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from argosy.types import Predictor

NOTHING = pl.lit(None, pl.Float64)
"""The score of a row that has none."""


def require(rows: pl.DataFrame, features: list[str], binding: dict[str, Any]) -> None:
    """Raise if the data lacks a feature."""
    absent = [name for name in features if name not in rows.columns]
    if absent:
        raise BadInput(f"the data at {binding['url']} has no column {absent[0]!r}")


def answered(predictor: Predictor, rows: pl.DataFrame, features: list[str]) -> pl.DataFrame:
    """Let a model predict, and hold it to one answer per row."""
    answer = predictor.predict(rows.select(features))
    if answer.height != rows.height:
        raise BadInput(f"the model predicted {answer.height} rows for {rows.height}")
    return answer


def class_labels(truth: pl.Series, guess: pl.Series | None) -> list[str]:
    """Return the labels of truth and prediction in the order of their codes."""
    found = set(truth.unique().to_list())
    if guess is not None:
        found |= set(as_text(guess.drop_nulls()).unique().to_list())
    return ["0", "1"] if found <= {"0", "1"} else sorted(found)


def as_codes(labels: pl.Series, codes: dict[str, float]) -> pl.Series:
    """Replace labels by their codes; one that has none becomes null."""
    return as_text(labels).replace_strict(codes, default=None, return_dtype=pl.Float64)


def checked(frame: pl.DataFrame) -> pl.DataFrame:
    """Raise if a prediction is no number, or a score that is there is not finite."""
    for name in ("prediction", "score"):
        column = frame[name]
        wrong = frame.height - int((column.is_finite().fill_null(name == "score")).sum())
        if wrong:
            raise BadInput(
                f"{wrong} of {frame.height} values of the {name} are neither a finite number"
                " nor a known class"
            )
    return frame


def text(label: object) -> str:
    """Write a label as all kinds of data would."""
    # sklearn keeps labels as NumPy values and data may hold them as bools, ints or floats
    if isinstance(label, bool):
        return str(int(label))
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def as_text(column: pl.Series) -> pl.Series:
    """Write a column of labels as all kinds of data would."""
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if column.dtype.is_float() and bool((column.drop_nulls().drop_nans() % 1 == 0).all()):
        column = column.cast(pl.Int64, strict=False)
    return column.cast(pl.String)
