"""By how much rows that depend on each other widen a band: learnt of the reference.

What an estimate cannot know is how labels turn out, and whether they turn out alike for rows that
follow each other is seen where they are known. There the deviations of the labels from what was
expected are added up by batch (`argosy.kernels.batches`); how much more these sums vary than those
of independent rows is the inflation, by which the variance of a band grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import ragged, sums
from argosy.kernels.batches import settled, squared, student
from argosy_estimators.ragged import lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

COUNTS, INFLATION = "batches", "inflation"
"""The columns of a fit: how many batches the reference has, 0 for none; and by metric by how much
dependence inflates the variance, empty where there are no batches."""


def inflation(owed: Floats, of: Ints, counts: Ints, lengths: Ints) -> Floats:
    """Return by how much the variance of each sum is that of rows that depend on each other.

    Args:
        owed: what each metric owes to each row, shape (metrics, rows).
        of: the batch of each row.
        counts: how many batches each model has.
        lengths: how many rows.

    Returns:
        Shape (metrics, models); 1 where there are no batches, or nothing varies.

    Example:
        >>> owed = np.array([[1.0, 1.0, -1.0, -1.0]])
        >>> inflation(owed, np.array([0, 0, 1, 1]), np.array([2]), np.array([4])).tolist()
        [[4.0]]
    """
    found = np.ones((len(owed), len(lengths)))
    if not counts.any():
        return found
    starts = np.cumsum(lengths) - lengths
    for place, each in enumerate(owed):
        off = each - np.repeat(sums(each, lengths) / np.maximum(lengths, 1), lengths)
        alone = sums(off**2, lengths)
        batched = squared(off, of, counts, starts, lengths)
        variance, _ = settled(lengths, alone, batched, counts)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[place] = np.where((counts > 1) & (alone > 0), variance / alone, 1.0)
    return found


def told(found: Floats, counts: Ints) -> dict[str, pa.Array]:
    """Return the columns of a fit; `found` has shape (metrics, models)."""
    sizes = np.where(counts > 0, len(found), 0)
    return {
        COUNTS: pa.array(counts, pa.int64()),
        INFLATION: lists(found.T[counts > 0].ravel(), sizes),
    }


def learnt(table: pa.Table, metrics: int) -> tuple[Floats, Floats]:
    """Return what a fit says of dependence.

    Args:
        table: with the columns of the fit.
        metrics: how many it is told of.

    Returns:
        The inflations, shape (metrics, models), 1 where there are no batches; and how many
        standard errors a band reaches.
    """
    found = np.ones((metrics, table.num_rows))
    if COUNTS not in table.column_names:  # a fit from before it was learnt
        return found, student(np.zeros(table.num_rows, np.int64))
    counts = table[COUNTS].to_numpy().astype(np.int64)
    values, _, sizes = ragged(table[INFLATION])
    found[:, sizes > 0] = values.reshape(-1, metrics).T
    return found, student(counts)


def worths(found: Floats, table: pa.Table, lengths: Ints) -> Floats:
    """Return how many independent rows the current ones are worth by each metric.

    NaN where the reference has no batches.
    """
    known = np.zeros(table.num_rows, np.bool_)
    if COUNTS in table.column_names:
        known = table[COUNTS].to_numpy() > 0
    worth: Floats = np.where(known, lengths / np.maximum(found, 1.0), np.nan)
    return worth
