"""What stands for the rows that were measured, so that only like is compared with like.

The digest of a group is the sum of its rows' hashes, mixed with how many they are: it does not
depend on their order, on how work is cut, or on where it runs. A row's hash is of its id, its
truth and its weight. Where the data has no id, its timestamp and the features of a model that
predicts here stand for it, by name, so that their order does not matter. Features are left out
where there is an id: versions that look at other columns of the same rows remain comparable.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.evaluation.hashing import mixed, number_hash, text_hash, value_hash
from argosy.jobs.ragged import sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Ints = NDArray[np.int64]


def feature_hash(rows: pl.DataFrame, names: Sequence[str]) -> Hashes:
    """Hash the named columns of each row, whatever their order."""
    total = np.zeros(rows.height, np.uint64)
    for name in names:
        total += mixed(value_hash(rows[name]) ^ _of_name(name))
    return total


@cache
def _of_name(name: str) -> np.uint64:
    return np.uint64(text_hash(pl.Series([name]))[0])


def row_hash(identity: Hashes, truth: Hashes, weight: NDArray[np.float64] | None) -> Hashes:
    """Hash each row by the hashes of what identifies it and of its truth, and by its weight."""
    row = mixed(identity ^ mixed(truth))
    return row if weight is None or (weight == 1).all() else mixed(row ^ number_hash(weight))


def digests(rows: Hashes, lengths: Ints) -> pl.Series:
    """Return the digest of every group, sixteen hexadecimal digits.

    Example:
        >>> rows = mixed(np.array([1, 2, 2, 1], np.uint64))
        >>> digests(rows, np.array([2, 2])).n_unique(), digests(rows, np.array([1, 3])).n_unique()
        (1, 2)
    """
    totals = sums(rows, lengths) ^ mixed(lengths.astype(np.uint64))
    return pl.Series([f"{value:016x}" for value in mixed(totals).tolist()], dtype=pl.String)
