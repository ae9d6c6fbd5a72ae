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

from argosy.kernels import sums
from argosy.kernels.hashing import mixed, number_hash, text_hash, value_hash
from argosy.types import Alike

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


def row_hash(
    identity: Hashes | None, truth: Hashes | Alike, weight: NDArray[np.float64] | None
) -> Hashes:
    """Hash each row by the hashes of what identifies it and of its truth, and by its weight.

    Args:
        identity: None where nothing does.
        truth: of every row, or of every value that occurs, which is faster.
        weight: None where every row counts as one.

    Example:
        >>> label, none = np.array([False, True, True]), np.zeros(3, np.uint64)
        >>> few = Alike(np.array([7, 9], np.uint64), label)
        >>> row_hash(none, np.array([7, 9, 9], np.uint64), None) == row_hash(None, few, None)
        array([ True,  True,  True])
    """
    hashes = mixed(truth.hashes if isinstance(truth, Alike) else truth)
    if identity is None:
        hashes = mixed(hashes)
    row = truth.of_rows(hashes) if isinstance(truth, Alike) else hashes
    if identity is not None:
        row = mixed(identity ^ row)
    return row if weight is None or (weight == 1).all() else mixed(row ^ number_hash(weight))


def totals(
    identity: Hashes | None,
    truth: Hashes | Alike,
    weight: NDArray[np.float64] | None,
    lengths: Ints,
) -> Hashes:
    """Add up the hashes of each group's rows, which `row_hash` takes likewise.

    Where nothing but one of two labels tells rows apart, they are counted instead.

    Example:
        >>> few = Alike(np.array([7, 9], np.uint64), np.array([False, True, True]))
        >>> rows = row_hash(None, few, None)
        >>> totals(None, few, None, np.array([3])) == rows.sum()
        array([ True])
    """
    plain = identity is None and weight is None
    if plain and isinstance(truth, Alike) and truth.which.dtype == np.bool_:
        zero, one = mixed(mixed(truth.hashes))
        ones = sums(truth.which, lengths).astype(np.uint64)
        total: Hashes = (lengths.astype(np.uint64) - ones) * zero + ones * one
        return total
    return sums(row_hash(identity, truth, weight), lengths)


def digests(total: Hashes, lengths: Ints) -> pl.Series:
    """Return the digest of every group, sixteen hexadecimal digits, from its rows' sum.

    Example:
        >>> rows = mixed(np.array([1, 2, 2, 1], np.uint64))
        >>> even, odd = np.array([2, 2]), np.array([1, 3])
        >>> [digests(sums(rows, lengths), lengths).n_unique() for lengths in (even, odd)]
        [1, 2]
    """
    found = mixed(total ^ mixed(lengths.astype(np.uint64)))
    return pl.Series([f"{value:016x}" for value in found.tolist()], dtype=pl.String)
