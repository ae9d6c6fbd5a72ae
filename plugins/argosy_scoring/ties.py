"""One rule for ties: of classes that are equally probable, the first is predicted.

A log that names no prediction has always followed a rule of ours. A model that is loaded decides
for itself: by the sign of a decision function it may say class 1 where both have a probability of
one half, or class 0. So the same scores would be another class in a log. Here such a tie goes to
the first class for both, but of models that decide by something else than the most probable class,
as those with a threshold of their own: their word stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def settled(prediction: Floats, flat: Floats, width: Ints, place: Ints) -> Floats:
    """Return predictions, ties of the most probable classes going to the first of them.

    Args:
        prediction: the code of each row's class.
        flat: the probabilities of all rows, end to end.
        width: how many each row has; 0 for none.
        place: which model each row is of.

    Returns:
        The same, but for ties of models that predict the most probable class everywhere else.

    Example:
        >>> chances = np.array([0.5, 0.5, 0.2, 0.8])
        >>> settled(np.array([1.0, 1.0]), chances, np.array([2, 2]), np.array([0, 0])).tolist()
        [0.0, 1.0]
        >>> own = np.array([1.0, 1.0, 1.0]), np.array([0.5, 0.5, 0.2, 0.8, 0.6, 0.4])
        >>> settled(*own, np.array([2, 2, 2]), np.array([0, 0, 0])).tolist()
        [1.0, 1.0, 1.0]
    """
    if not len(flat):
        return prediction
    first, many = _most_probable(flat, width)
    if not (many > 1).any():
        return prediction
    against = np.bincount(place, (many == 1) & (first != prediction), int(place.max()) + 1)
    tied = (many > 1) & (against[place] == 0)
    return np.where(tied, first, prediction)


@compiled
def _most_probable(flat: Floats, width: Ints) -> tuple[Floats, Ints]:
    """Return the first of each row's most probable classes, and how many there are."""
    first, many = np.full(len(width), np.nan), np.zeros(len(width), np.int64)
    start = 0
    for row in range(len(width)):
        for code in range(width[row]):
            chance = flat[start + code]
            if many[row] == 0 or chance > flat[start + int(first[row])]:
                first[row], many[row] = code, 1
            elif chance == flat[start + int(first[row])]:
                many[row] += 1
        start += width[row]
    return first, many
