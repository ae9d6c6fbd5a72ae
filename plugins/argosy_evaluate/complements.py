"""The rows beside a slice: the other slices of its group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.kernels import sums
from argosy_scoring.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


TOGETHER = 1 << 22
"""Rows beside slices that are laid out together, or those of one group."""


class Rows(NamedTuple):
    """How many rows with weight a slice has, and the slices beside it together."""

    classes: Ints
    """Of class 0 and of class 1, shape (2 classes, 2 sides, slices); of a binary model."""
    alike: Flags
    """Whether all weights of its group are 1, shape (slices,)."""

    def only(self, slices: Flags) -> Rows:
        """Keep some slices."""
        return Rows(np.ascontiguousarray(self.classes[:, :, slices]), self.alike[slices])


def others(cut: Predictions, owner: Ints) -> Predictions:
    """Return for every slice the rows of the other slices of its group, in the order of these.

    Args:
        cut: the slices of groups, those of each group together; all rows of a group are in one.
        owner: which group each slice is of; shape (slices,).

    Example:
        >>> rows = pl.DataFrame({"truth": [1.0, 2.0, 3.0]})
        >>> groups = pl.DataFrame({"slice": ["a", "b", "c"]})
        >>> cut = Predictions(rows, groups, np.array([1, 1, 1]))
        >>> others(cut, np.array([0, 0, 0])).rows["truth"].to_list()
        [2.0, 3.0, 1.0, 3.0, 1.0, 2.0]
    """
    ends = np.cumsum(cut.lengths)
    starts = ends - cut.lengths
    first, last = spans(owner)
    head, tail = starts[first], ends[last]
    begins = np.stack([head, ends], axis=1).ravel()
    sizes = np.stack([starts - head, tail - ends], axis=1).ravel()
    places = np.arange(len(np.repeat(sizes, sizes)))
    places += np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)
    many = tail - head - cut.lengths
    groups = cut.groups.with_columns(slice=pl.format("not {}", "slice"))
    return Predictions(cut.rows[places], groups, many)


def spans(owner: Ints) -> tuple[Ints, Ints]:
    """Return the place of the first and the last slice of every slice's group.

    >>> [ends.tolist() for ends in spans(np.array([4, 4, 7]))]
    [[0, 0, 2], [1, 1, 2]]
    """
    heads = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])[: len(owner)])
    sizes = np.diff(np.append(heads, len(owner)))
    first = np.repeat(heads, sizes)
    return first, first + np.repeat(sizes, sizes) - 1


def pieces(cut: Predictions, owner: Ints) -> Iterator[Predictions]:
    """Yield slices some groups at a time, so many that the rows beside them fit into memory.

    Ten slices have nine times as many rows beside them as there are.
    """
    first, last = spans(owner)
    ends = np.cumsum(cut.lengths)
    beside = ends[last] - ends[first] + cut.lengths[first] - cut.lengths
    number = (np.cumsum(beside) - beside)[first] // TOGETHER
    for one in np.unique(number):
        yield cut.only(number == one)


def counted(cut: Predictions, owner: Ints) -> Rows:
    """Count the rows of every slice, and those beside it, by class."""
    truth, weight = (cut.rows[name].to_numpy() for name in ("truth", "weight"))
    own = np.stack(
        [sums((truth == code) & (weight > 0), cut.lengths) for code in (0.0, 1.0)]
    )  # fmt: skip
    plain = sums(weight != 1.0, cut.lengths)
    first, last = spans(owner)
    heads, of = np.unique(first, return_inverse=True)
    sizes = last[heads] - heads + 1
    whole = sums(own, sizes)[:, of]
    return Rows(np.stack([own, whole - own], axis=1), sums(plain, sizes)[of] == 0)
