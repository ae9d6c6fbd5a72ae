"""Differences of rows that depend on each other: their error by batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels.batches import settled, squared

if TYPE_CHECKING:
    from argosy_comparisons.pairs import Floats, Pairs


class Sure(NamedTuple):
    """How sure the difference of each pair is."""

    error: Floats
    """Its standard error."""
    freedom: Floats
    """The degrees of freedom of Student's t."""
    worth: Floats
    """How many independent rows the pair's are worth; NaN where they are taken for independent."""


def by_batch(given: Pairs, owed: Floats, error: Floats, freedom: Floats) -> Sure:
    """Replace the error of pairs whose rows depend on each other, and its degrees of freedom.

    Args:
        given: the pairs.
        owed: what the difference owes to each row, shape (rows,); adds up to 0 in each pair.
        error: its standard error, were rows independent.
        freedom: the degrees of freedom of that.

    Example:
        >>> from argosy.kernels import Batches
        >>> from argosy_comparisons.pairs import Pairs
        >>> none = np.zeros((2, 4))
        >>> two = Batches(np.array([0, 0, 1, 1]), np.array([2]))
        >>> pair = Pairs(np.zeros(4), np.ones(4), none, none, none, np.array([4]), none, two)
        >>> found = by_batch(pair, np.array([1.0, 1, -1, -1]) / 4, np.ones(1) * 0.5, np.ones(1) * 3)
        >>> [round(float(each[0]), 3) for each in found]
        [1.0, 1.0, 1.0]
    """
    nothing = np.full(len(given.lengths), np.nan)
    counts = given.batches.counts
    if not counts.any():
        return Sure(error, freedom, nothing)
    batched = squared(owed, given.batches.of, counts, given.starts, given.lengths)
    variance, worth = settled(given.lengths, error**2, batched, counts)
    there = counts > 0
    return Sure(
        np.where(there, np.sqrt(variance), error), np.where(there, counts - 1.0, freedom), worth
    )
