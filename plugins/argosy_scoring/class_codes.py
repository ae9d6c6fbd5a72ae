"""Labels of classes as codes, for many models at once: their place among the model's classes.

Labels are compared by their value (`argosy_scoring.labels`), whatever type either side stores:
where one is boolean, `1` and `True` are one label. Numbers stand in the order of their size, other
labels in that of their text, the positive one last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.kernels.hashing import text_hash
from argosy.types import Alike
from argosy_scoring.labels import as_bits, as_text, bits_of, in_order, text
from argosy_scoring.vocabularies import apart

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    apart: dict[int, str]
    """Why a model's truth cannot be compared: the other side has none of its labels."""


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
    texts = [as_text(column) for column in columns]
    positive = None if positive is None else text(positive)
    if any(column.dtype == pl.Boolean for column in columns):
        texts = [as_bits(labels) for labels in texts]
        positive = None if positive is None else bits_of([positive])[0]
        classes = None if classes is None else [bits_of(labels) for labels in classes]
    words, ids = _vocabulary(texts, {each for labels in classes or () for each in labels}, positive)
    width = len(words)
    keys = [_distinct(places[each >= 0] * width + each[each >= 0]) for each in ids]
    table = _found(words, keys, models, positive) if classes is None else _declared(words, classes)
    found = [table.codes(places * width + each, each >= 0) for each in ids]
    unseen = np.isnan(found[0])
    if unseen.any():
        found[0][unseen] = np.array([len(labels) for labels in table.classes])[places[unseen]]
    odd: dict[int, str] = {}
    if classes is not None:
        odd = apart(keys[0], table.keys, words, models, positive, "classes")
    else:
        said = keys[1] if guess is not None else np.empty(0, np.int64)
        odd = apart(keys[0], said, words, models, positive, "predictions")
    identity = Alike(text_hash(pl.Series(words, dtype=pl.String)), ids[0])
    guesses = np.empty(0) if guess is None else found[1]
    return Coded(found[0], guesses, identity, table.classes, odd)


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
    if positive is not None and text(positive) != "1":
        return None
    found = [np.empty(0) if column is None else _bits(column) for column in (truth, guess)]
    if found[0] is None or found[1] is None:
        return None
    identity = Alike(text_hash(pl.Series(_BINARY)), found[0] == 1)
    return Coded(found[0], found[1], identity, [list(_BINARY)] * models, {})


def _bits(column: pl.Series) -> Floats | None:
    """Return a column as numbers if it holds nothing but 0, 1 and what is missing."""
    if column.dtype.is_integer():
        least, most = column.min(), column.max()
        if least is not None and (least < 0 or most > 1):  # type: ignore[operator]
            return None
        return column.cast(pl.Float64).to_numpy()
    if not (column.dtype.is_float() or column.dtype == pl.Boolean):
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


def _distinct(keys: Ints) -> Ints:
    return pl.Series(keys).unique().sort().to_numpy()


def _vocabulary(
    columns: Sequence[pl.Series], known: set[str], positive: str | None
) -> tuple[list[str], list[Ints]]:
    """Return every label that occurs or is known, in order, and the place of each row's, or -1."""
    factors = [column.cast(pl.Categorical) for column in columns]
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


def _other(positive: str) -> str:
    """Name the class that nobody names, where only the positive one occurs."""
    return f"not {positive}"


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
    words: list[str], occurring: Sequence[Ints], models: int, positive: str | None
) -> _Table:
    """Find each model's classes: those that occur; of nothing but 0 and 1 both."""
    width = len(words)
    keys = np.unique(np.concatenate(occurring))
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
