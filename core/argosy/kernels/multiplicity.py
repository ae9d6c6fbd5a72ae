"""Adjust p-values for how many there are, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGE = 1_000
"""Members of a group, on average, from which on a loop over groups is faster."""


def adjusted(p_value: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Benjamini-Hochberg adjusted p-values of every group by itself.

    The smallest of a group is the p-value of Simes' test that nothing in it is true.

    Args:
        p_value: shape (n,).
        group: which group each belongs to, in any order; shape (n,).

    Raises:
        ValueError: if any is NaN, or no probability: it would spoil those of all others.

    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995); Simes,
    Biometrika 73 (1986).

    >>> adjusted(np.array([0.01, 0.04, 0.03, 0.5]), np.array([0, 0, 0, 1])).round(3).tolist()
    [0.03, 0.04, 0.04, 0.5]
    """
    refuse_improper(p_value)
    last = int(group.max(initial=-1))
    if 0 <= last < len(group) // _LARGE and int(group.min()) >= 0:
        return _one_by_one(p_value, group, last + 1)
    order = np.argsort(p_value)
    few = int(group.max(initial=0)) < 1 << 16 and int(group.min(initial=0)) >= 0
    of = group[order].astype(np.uint16) if few else group[order]  # NumPy counts short numbers
    order = order[np.argsort(of, kind="stable")]
    of = group[order]
    first = np.flatnonzero(np.append(True, of[1:] != of[:-1])[: len(of)])
    size = np.diff(np.append(first, len(of)))
    rank = np.arange(len(of)) - np.repeat(first, size) + 1
    found = p_value[order] * np.repeat(size, size) / rank
    after = np.repeat(size, size) - rank  # how many of the group come later
    step = 1
    while step <= after.max(initial=0):  # the least of all that come later, in doubling strides
        near = np.flatnonzero(after >= step)
        found[near] = np.minimum(found[near], found[near + step])
        step *= 2
    answer: NDArray[np.float64] = np.empty(len(found))
    answer[order] = np.minimum(found, 1.0)
    return answer


def refuse_improper(p_value: NDArray[np.float64]) -> None:
    """Raise unless all are probabilities.

    Raises:
        ValueError: saying which is not, and where it stands.
    """
    if len(p_value) and not (p_value.min() >= 0 and p_value.max() <= 1):  # false of NaN
        place = int(np.flatnonzero(~((p_value >= 0) & (p_value <= 1)))[0])
        raise ValueError(f"the p-value at place {place} is {p_value[place]}, not in [0, 1]")


def _one_by_one(
    p_value: NDArray[np.float64], group: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    """Do as `adjusted` does, in a loop over few large groups."""
    answer: NDArray[np.float64] = np.empty(len(p_value))
    for one in range(groups):
        place = np.flatnonzero(group == one)
        order = place[np.argsort(p_value[place])]
        scaled = p_value[order] * len(order) / np.arange(1, len(order) + 1)
        answer[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return answer
