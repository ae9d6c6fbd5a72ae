"""Models whose truth and predictions do not speak of the same labels: other words, or spellings.

Whether one is right cannot be told then, so they are refused with both lists, if they have no label
in common, and with the two spellings, if each side has a label of its own that differs from one of
the other in nothing but case, blanks around it, the form of its letters or how its number is
written. A model that is always wrong is not: where one of its labels is declared as the binding's
`positive`, or all are 0 and 1, or true and false, both sides are known to speak of the same two
classes.

So are models whose labels say true or false in two ways, such as `True` and `1`, where no side is
boolean: these would be two classes.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SHOWN = 4
_TWO = (
    {"0", "1"},
    {"false", "true"},
    {"False", "True"},
    {"FALSE", "TRUE"},
)
"""The ways of saying false and true."""


def apart(
    truth: Ints, known: Ints, words: Sequence[str], models: int, positive: str | None, what: str
) -> dict[int, str]:
    """Say of which models labels of the truth are not known to the other side, or not so spelt.

    Args:
        truth: the labels of each model's truth: its number times the number of words, plus that of
            the word; ascending, each once.
        known: likewise those that are predicted, or that may be.
        words: all labels.
        models: how many there are.
        positive: the label that is declared to have the code 1.
        what: the other side, as reasons call it.

    Example:
        >>> found = apart(np.array([0]), np.array([1]), ["Yes", "yes"], 1, None, "predictions")
        >>> found[0]
        "no label of its truth is one of its predictions: 'Yes' against 'yes'; write both alike"
    """
    shared = np.intersect1d(truth, known, assume_unique=True)
    found: dict[int, str] = {}
    for model in strangers(truth, known, len(words), models):
        sides = [_of(model, keys, words) for keys in (truth, known)]
        every = {*sides[0], *sides[1]}
        if any(every <= pair for pair in _TWO) or (
            len(every) == len(_TWO[0]) and positive in every
        ):
            continue
        found[model] = nothing_shared(f"no label of its truth is one of its {what}", *sides)
    for model, told in _said_in_two_ways(truth, known, words, what):
        found.setdefault(model, told)
    for model, one, other in _spelt_otherwise(truth, known, shared, words):
        found.setdefault(
            model,
            f"its truth has {one!r} where its {what} have {other!r}, and neither has the other's;"
            " write both alike",
        )
    return found


def strangers(truth: Ints, known: Ints, width: int, models: int) -> list[int]:
    """Return the models whose two sides have something, and nothing in common.

    Args:
        truth: of each model, its number times the width, plus the place of a word; each once.
        known: likewise of the other side.
        width: how many words there are.
        models: how many models.

    Example:
        >>> strangers(np.array([0, 2]), np.array([1, 2]), 2, 2)
        [0]
    """
    shared = np.intersect1d(truth, known, assume_unique=True)
    has = [np.bincount(keys // width, minlength=models) > 0 for keys in (truth, known, shared)]
    found: list[int] = np.flatnonzero(has[0] & has[1] & ~has[2]).tolist()
    return found


def nothing_shared(told: str, one: Sequence[str], other: Sequence[str]) -> str:
    """Say with both lists that two sides have nothing in common.

    >>> nothing_shared("no item of its truth is in its lists", ["7"], ["007", "008"])
    "no item of its truth is in its lists: '7' against '007', '008'; write both alike"
    """
    return f"{told}: {_shown(one)} against {_shown(other)}; write both alike"


def _said_in_two_ways(
    truth: Ints, known: Ints, words: Sequence[str], what: str
) -> Iterator[tuple[int, str]]:
    """Yield models whose labels mean true or false in more than one way, and why that is wrong."""
    way_of = {word: way for way, pair in enumerate(_TWO) for word in pair}
    ways = np.array([way_of.get(word, -1) for word in words])
    width = len(words)
    keys = np.union1d(truth, known)
    keys = keys[ways[keys % width] >= 0]
    of_models = np.unique(keys // width * len(_TWO) + ways[keys % width]) // len(_TWO)
    models, many = np.unique(of_models, return_counts=True)
    for model in models[many > 1].tolist():
        sides = [_of(model, keys, words) for keys in (truth, known)]
        flags = [word for word in words if word in way_of and word in {*sides[0], *sides[1]}]
        beside = f", and its {what} {_shown(sides[1])}" if sides[1] else ""
        told = (
            f"its labels {_shown(flags)} say true or false in more than one way: its truth has"
            f" {_shown(sides[0])}{beside}; write them alike"
        )
        yield model, told


def _spelt_otherwise(
    truth: Ints, known: Ints, shared: Ints, words: Sequence[str]
) -> Iterator[tuple[int, str, str]]:
    """Yield models, and a label of either side that the other lacks and spells otherwise."""
    width = len(words)
    own = [np.setdiff1d(keys, shared, assume_unique=True) for keys in (truth, known)]
    models = np.intersect1d(own[0] // width, own[1] // width)
    if not len(models):
        return
    bare: list[dict[tuple[int, object], str]] = [{}, {}]
    for keys, told in zip(own, bare, strict=True):
        for key in keys[np.isin(keys // width, models)].tolist():
            word = words[key % width]
            told[key // width, _bare(word)] = word
    for at in sorted(bare[0].keys() & bare[1].keys(), key=lambda at: (at[0], bare[0][at])):
        yield at[0], bare[0][at], bare[1][at]


def _of(model: int, keys: Ints, words: Sequence[str]) -> list[str]:
    """Return the labels of one model."""
    width = len(words)
    return [words[key % width] for key in keys[keys // width == model].tolist()]


def _bare(label: str) -> object:
    """Return what is left of a label without its spelling: a number, or plain letters."""
    plain = unicodedata.normalize("NFKC", label).strip().casefold()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return plain
    return number if number.is_finite() else plain


def _shown(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return ", ".join(map(repr, labels[:_SHOWN])) + more
