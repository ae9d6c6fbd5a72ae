"""Probabilities of several classes that a log holds: a struct or a list in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy_rows.flat_lists import lists
from argosy_scoring.labels import bits_of, in_order, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]


class Told(NamedTuple):
    """The probabilities of every row, row after row."""

    values: Floats
    """NaN where a row has none."""
    width: Ints
    """How many there are of each row."""
    labels: list[str] | None
    """Of the classes that they are of, in order, where the data names them."""
    wrong: Mask
    """The rows in which one is NaN, infinite or null beside others."""


def told(column: pl.Series, positive: str | None, boolean: bool = False) -> Told:
    """Read probabilities.

    A struct has a field per class, which is called as its label. A list has the classes in their
    order; a row that is null counts as one with as many as the others have.

    Args:
        column: of structs or lists.
        positive: the label that stands last, where that is declared.
        boolean: whether the truth is true or false, so that words which say so are meant.

    Raises:
        BadInput: where they are no numbers, the lists differ in length, or two fields are of one
            class.

    Example:
        >>> found = told(pl.Series("p", [{"b": 0.2, "a": 0.8}, None]), None)
        >>> found.labels, found.values.tolist(), found.wrong.tolist()
        (['a', 'b'], [0.8, 0.2, nan, nan], [False, False])
    """
    labels = None
    if isinstance(column.dtype, pl.Struct):
        names = [field.name for field in column.dtype.fields]
        classes = [text(name) for name in names]
        last = None if positive is None else text(positive)
        if boolean:
            classes = bits_of(classes)
            last = None if last is None else bits_of([last])[0]
        of_class = dict(zip(classes, names, strict=True))
        if len(of_class) < len(names):
            raise BadInput(f"two fields of the score {column.name!r} are of one class: {names}")
        labels = in_order(classes, last)
        frame = column.struct.unnest().select(of_class[label] for label in labels)
    else:
        sizes = column.list.len() if column.dtype == pl.List else column.arr.len()
        many = sizes.drop_nulls().unique().sort().to_list()
        if len(many) > 1:
            raise BadInput(
                f"the lists in {column.name!r} have {many[0]} to {many[-1]} probabilities;"
                " give one per class in every row, or a struct with a field per class"
            )
        each = column if column.dtype == pl.List else column.arr.to_list()
        wanted = range(many[0] if many else 0)
        frame = pl.DataFrame([each.list.get(place).alias(f"{place}") for place in wanted])
    if not all(kind.is_numeric() or kind == pl.Null for kind in frame.dtypes):
        raise BadInput(f"the score {column.name!r} is {column.dtype}, which holds no probabilities")
    values = frame.cast(pl.Float64).to_numpy().reshape(len(column), frame.width)
    wrong = ~np.isfinite(values).all(axis=1) & column.is_not_null().to_numpy()
    return Told(values.ravel(), np.full(len(column), frame.width, np.int64), labels, wrong)


def most_probable(found: Told) -> Floats:
    """Return the code of each row's most probable class, the first of equals; NaN without any."""
    width = int(found.width.max(initial=0))
    table = found.values.reshape(-1, width) if width else np.empty((len(found.width), 0))
    missing = np.isnan(table).any(axis=1) if width else np.ones(len(table), np.bool_)
    code = np.full(len(table), np.nan)
    code[~missing] = table[~missing].argmax(axis=1)
    return code


def columns(
    values: Floats, width: Ints, truth: Floats, binary: Mask, several: bool
) -> dict[str, Any]:
    """Return the probability of class 1 and of the truth, and all where there are many classes.

    Args:
        values: the probabilities of every row, end to end.
        width: how many there are of each row; 0 for none.
        truth: the code of what came true.
        binary: whether each row is of a binary model.
        several: whether any is of a model of more classes.

    Example:
        >>> of = np.array([2]), np.array([1.0]), np.array([True])
        >>> found = columns(np.array([0.2, 0.8]), *of, several=False)
        >>> found["score"].tolist(), found["truth_score"].tolist()
        ([0.8], [0.8])
    """
    start = np.cumsum(width) - width
    code = truth.astype(np.int64)
    own = np.full(len(code), np.nan)
    there = width > 0
    own[there] = values[start[there]] * 0.0  # that of a class that the model does not know
    known = code < width
    own[known] = values[(start + code)[known]]
    score = np.full(len(code), np.nan)
    of_one = binary & (width == 2)
    score[of_one] = values[start[of_one] + 1]
    found: dict[str, Any] = {"score": score, "truth_score": own}
    if several:
        found["probabilities"] = pl.Series(lists(values, width))
    return found
