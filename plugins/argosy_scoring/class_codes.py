"""Labels of classes as codes, for many models at once: their place among the model's classes.

Labels are compared as text, so that `1`, `1.0`, `True` and `"1"` are one label. Numbers stand in
the order of their size, other labels in that of their text, the positive one last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.kernels.hashing import text_hash
from argosy.types import Alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_BINARY = ("0", "1")


class Coded(NamedTuple):
    """Truth and prediction as codes."""

    truth: Floats
    """Of every row; a label that the model does not know has the code after the last class."""
    prediction: Floats
    """Of every row, NaN where it is none of the classes; empty where there are no predictions."""
    identity: Alike
    """What stands for the label of every row's truth in a digest."""
    classes: list[list[str]]
    """The labels of every model in the order of their codes."""


def text(label: object) -> str:
    """Write a label as all kinds of data would.

    >>> text(True), text(2.0), text("x")
    ('1', '2', 'x')
    """
    # scikit-learn keeps labels as NumPy values and data may hold them as bools, ints or floats
    if isinstance(label, bool):
        return str(int(label))
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def as_text(column: pl.Series) -> pl.Series:
    """Write a column of labels as all kinds of data would."""
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if column.dtype.is_float():
        whole = column % 1 == 0
        if whole.fill_null(True).all():
            return column.cast(pl.Int64, strict=False).cast(pl.String)
        plain = column.set(whole, None).cast(pl.String)
        return plain.zip_with(
            plain.is_not_null(), column.cast(pl.Int64, strict=False).cast(pl.String)
        )
    return column.cast(pl.String)


def coded(
    truth: pl.Series,
    guess: pl.Series | None,
    places: Ints,
    models: int,
    classes: Sequence[Sequence[str]] | None = None,
    positive: str | None = None,
) -> Coded:
    """Code the labels of many models.

    Args:
        truth: a label per row, never null.
        guess: the label that was predicted, where there is one.
        places: the number of each row's model; shape (rows,).
        models: how many there are.
        classes: the labels that each model knows, in order; defaults to those that occur.
        positive: the label that has the code 1 of a binary model, where that is declared.

    Example:
        >>> was, said = pl.Series(["no", "yes", "a"]), pl.Series(["yes", "yes", "b"])
        >>> found = coded(was, said, np.array([0, 0, 1]), 2)
        >>> found.truth.tolist(), found.prediction.tolist(), found.classes
        ([0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [['no', 'yes'], ['a', 'b']])
    """
    columns = [truth] if guess is None else [truth, guess]
    known = {label for labels in classes or () for label in labels}
    words, ids = _vocabulary(columns, known, positive)
    table = (
        _declared(words, classes)
        if classes is not None
        else _found(words, ids, places, models, positive)
    )
    width = len(words)
    found = [table.codes(places * width + each, each >= 0) for each in ids]
    unseen = np.isnan(found[0])
    if unseen.any():
        found[0][unseen] = np.array([len(labels) for labels in table.classes])[places[unseen]]
    identity = Alike(text_hash(pl.Series(words, dtype=pl.String)), ids[0])
    return Coded(found[0], found[1] if guess is not None else np.empty(0), identity, table.classes)


def zeros_and_ones(
    truth: pl.Series, guess: pl.Series | None, models: int, positive: str | None = None
) -> Coded | None:
    """Take numbers that are nothing but 0 and 1 as the codes that they are, as `coded` would.

    Returns:
        None where labels are something else.

    Example:
        >>> zeros_and_ones(pl.Series([0, 1]), None, 1).truth.tolist()
        [0.0, 1.0]
        >>> zeros_and_ones(pl.Series(["a", "b"]), None, 1)
    """
    if positive not in {None, "1"}:
        return None
    found = [np.empty(0) if column is None else _bits(column) for column in (truth, guess)]
    if found[0] is None or found[1] is None:
        return None
    identity = Alike(text_hash(pl.Series(_BINARY)), found[0] == 1)
    return Coded(found[0], found[1], identity, [list(_BINARY)] * models)


def _bits(column: pl.Series) -> Floats | None:
    """Return a column as numbers if it holds nothing but 0, 1 and what is missing."""
    if column.dtype.is_integer():
        least, most = column.min(), column.max()
        if least is not None and (least < 0 or most > 1):  # type: ignore[operator]
            return None
        return column.cast(pl.Float64).to_numpy()
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        return None
    values = column.cast(pl.Float64).to_numpy()
    return values if ((values == 0) | (values == 1) | np.isnan(values)).all() else None


class _Table(NamedTuple):
    """Which code each label has, by model."""

    keys: Ints
    """Model times vocabulary plus label, ascending."""
    codes_of: Floats
    """The code of each key."""
    classes: list[list[str]]

    def codes(self, keys: Ints, given: NDArray[np.bool_]) -> Floats:
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        known = given & (self.keys[at] == keys) if len(self.keys) else np.zeros(len(keys), bool)
        return np.where(known, self.codes_of[at] if len(self.keys) else 0.0, np.nan)


def _vocabulary(
    columns: Sequence[pl.Series], known: set[str], positive: str | None
) -> tuple[list[str], list[Ints]]:
    """Return every label that occurs or is known, in order, and the place of each row's, or -1."""
    factors = [as_text(column).cast(pl.Categorical) for column in columns]
    distinct = [factor.unique().drop_nulls() for factor in factors]
    words = {*known, *_BINARY}
    if positive is not None:
        words |= {positive, _other(positive)}
    words.update(*(labels.cast(pl.String).to_list() for labels in distinct))
    ordered = in_order(words, positive)
    place = {word: number for number, word in enumerate(ordered)}
    ids = []
    for factor, labels in zip(factors, distinct, strict=True):
        physical = labels.to_physical().to_numpy()
        places = np.full(int(physical.max(initial=0)) + 2, -1, np.int64)
        places[physical] = [place[word] for word in labels.cast(pl.String)]
        ids.append(places[factor.to_physical().fill_null(len(places) - 1).to_numpy()])
    return ordered, ids


def in_order(labels: Iterable[str], positive: str | None = None) -> list[str]:
    """Put labels in the order of their codes.

    Example:
        >>> in_order(["cat", "10", "9"], positive="9")
        ['10', 'cat', '9']
    """
    return sorted(labels, key=lambda label: (label == positive, *_rank(label)))


def _other(positive: str) -> str:
    """Name the class that nobody names, where only the positive one occurs."""
    return f"not {positive}"


def _rank(word: str) -> tuple[bool, float, str]:
    try:
        number = float(word)
    except ValueError:
        return True, 0.0, word
    return (False, number, word) if np.isfinite(number) else (True, 0.0, word)


def _declared(words: list[str], classes: Sequence[Sequence[str]]) -> _Table:
    place = {word: number for number, word in enumerate(words)}
    keys = np.array(
        [
            model * len(words) + place[label]
            for model, labels in enumerate(classes)
            for label in labels
        ],
        np.int64,
    )
    codes = np.array([code for labels in classes for code in range(len(labels))], np.float64)
    order = np.argsort(keys, kind="stable")
    return _Table(keys[order], codes[order], [list(labels) for labels in classes])


def _found(
    words: list[str], ids: Sequence[Ints], places: Ints, models: int, positive: str | None
) -> _Table:
    """Find each model's classes: those that occur; of nothing but 0 and 1 both."""
    width = len(words)
    occurring = [places[each >= 0] * width + each[each >= 0] for each in ids]
    keys = pl.concat([pl.Series(each).unique() for each in occurring]).unique().to_numpy()
    number = {word: place for place, word in enumerate(words)}
    binary = np.isin(keys % width, [number[word] for word in _BINARY])
    others = np.bincount(keys // width, ~binary, minlength=models)
    added = [np.flatnonzero(others == 0) * width + number[word] for word in _BINARY]
    if positive is not None and positive not in _BINARY:
        added.append(np.flatnonzero(others > 0) * width + number[positive])
        besides = np.bincount(keys // width, keys % width != number[positive], minlength=models)
        lonely = np.flatnonzero((others > 0) & (besides == 0))
        added.append(lonely * width + number[_other(positive)])
    keys = np.unique(np.concatenate([keys, *added]))
    starts = np.searchsorted(keys, np.arange(models) * width)
    codes = np.arange(len(keys)) - starts[keys // width]
    labels = [words[key] for key in keys % width]
    ends = np.append(starts[1:], len(keys))
    classes = [labels[start:end] for start, end in zip(starts, ends, strict=True)]
    return _Table(keys, codes.astype(np.float64), classes)
