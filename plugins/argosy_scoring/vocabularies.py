"""Models whose truth and predictions have no label in common: two vocabularies, or two spellings.

Whether one is right cannot be told then, so they are refused with both lists. A model that is
always wrong is not: where one of its labels is declared as the binding's `positive`, or all are
0 and 1, or true and false, both sides are known to speak of the same two classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SHOWN = 4
_TWO = (
    {"0", "1"},
    {"false", "true"},
    {"False", "True"},
    {"FALSE", "TRUE"},
)


def apart(
    truth: Ints, known: Ints, words: Sequence[str], models: int, positive: str | None, what: str
) -> dict[int, str]:
    """Say of which models no label of the truth is known to the other side.

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
    width = len(words)
    shared = np.intersect1d(truth, known, assume_unique=True)
    has = [np.bincount(keys // width, minlength=models) > 0 for keys in (truth, known, shared)]
    found: dict[int, str] = {}
    for model in np.flatnonzero(has[0] & has[1] & ~has[2]).tolist():
        sides = [
            [words[key % width] for key in keys[keys // width == model].tolist()]
            for keys in (truth, known)
        ]
        every = {*sides[0], *sides[1]}
        if any(every <= pair for pair in _TWO) or (
            len(every) == len(_TWO[0]) and positive in every
        ):
            continue
        told = [_shown(side) for side in sides]
        found[model] = (
            f"no label of its truth is one of its {what}: {told[0]} against {told[1]};"
            " write both alike"
        )
    return found


def _shown(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return ", ".join(map(repr, labels[:_SHOWN])) + more
