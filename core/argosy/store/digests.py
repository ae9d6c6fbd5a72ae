"""Digests of rows: order-free, so that compaction and the number of writers leave them alone.

A cell's hash is of its value and its column's name. A row adds up the hashes of its cells in two
lanes of 64 bits, each cell weighted differently in the second, and mixes each lane; a digest adds
up the rows. So the digests of two parts add up to that of the whole, a doubled row shows, and a
null contributes nothing: a column that a later argosy adds, null in old rows, leaves old digests
as they are, and so does the order of columns.

The arithmetic is our own (`argosy.kernels.hashing`), because a library's hash may change with its
version. It notices damage and edits; it is no cryptographic hash: who sets out to can find other
rows with the same digest.

0.0 and -0.0 are one value, and so are all NaN, because engines take one for the other. Text is
hashed by its UTF-8 bytes, a time by its microseconds, a list by its elements in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.hashing import mixed, text_hash
from argosy.store.cells import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_BLOCK = 1 << 15
"""Rows that are hashed together, so that the lanes stay in the processor's cache."""
_MASK = (1 << 64) - 1
_SECOND = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True)
class Digest:
    """How many rows there are, and the sum of their hashes.

    Example:
        >>> rows = pl.DataFrame({"model": ["a", "b", "c"], "value": [0.5, None, 2.0]})
        >>> digest_of(rows[:1]) + digest_of(rows[1:][::-1]) == digest_of(rows)
        True
        >>> digest_of(rows).text
        '0fc0d0b3c154de2e78cb8096e0e56fe5'
    """

    rows: int = 0
    first: int = 0
    second: int = 0

    def __add__(self, other: Digest) -> Digest:
        return Digest(
            self.rows + other.rows,
            (self.first + other.first) & _MASK,
            (self.second + other.second) & _MASK,
        )

    @classmethod
    def read(cls, rows: int, text: str) -> Digest:
        """Return the digest of so many rows that a text stands for."""
        return cls(rows, int(text[:16], 16), int(text[16:], 16))

    @property
    def text(self) -> str:
        """The sum as 32 hexadecimal digits."""
        return f"{self.first:016x}{self.second:016x}"


def digest_of(rows: pl.DataFrame) -> Digest:
    """Return the digest of rows.

    Raises:
        TypeError: for a column whose type has no canonical form here.
    """
    total = Digest()
    for block in rows.iter_slices(_BLOCK):
        total += total_of(*_hashed(block))
    return total


def total_of(first: Words, second: Words) -> Digest:
    """Return the digest of rows whose hashes are there."""
    sums = (int(lane.sum(dtype=np.uint64)) for lane in (first, second))
    return Digest(len(first), *sums)


def row_hashes(rows: pl.DataFrame) -> tuple[Words, Words]:
    """Return both lanes of each row's hash."""
    parts = [_hashed(block) for block in rows.iter_slices(_BLOCK)]
    if not parts:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    return np.concatenate([one for one, _ in parts]), np.concatenate([two for _, two in parts])


def _hashed(rows: pl.DataFrame) -> tuple[Words, Words]:
    first, second = np.zeros(rows.height, np.uint64), np.zeros(rows.height, np.uint64)
    same_first = same_second = 0
    for column in rows.iter_columns():
        if column.null_count() == rows.height:
            continue
        name, weight = _of_name(column.name)
        cells = _cells(column, name)
        if len(cells) == 1:  # the same in every row
            same_first += int(cells[0])
            same_second += int(cells[0]) * int(weight)
            continue
        first += cells
        cells *= weight
        second += cells
    first += np.uint64(same_first & _MASK)
    second += np.uint64(same_second & _MASK)
    second ^= _SECOND
    return mixed(first), mixed(second)


@cache
def _of_name(name: str) -> tuple[np.uint64, np.uint64]:
    """Return what tells a column's cells from another's, and their weight in the second lane."""
    found = mixed(text_hash(pl.Series([name])))
    return found[0], mixed(found)[0] | np.uint64(1)


def _cells(column: pl.Series, name: np.uint64) -> Words:
    """Hash the cells of a column; a single hash where all are the same."""
    nulls = column.null_count()
    words = words_of(column)
    if isinstance(words, tuple):
        words, lengths = words
        cells = mixed(words ^ name)
        if len(cells) == 1 and not nulls:
            return cells
        cells = np.repeat(cells, lengths)
    else:
        if not nulls and (words == words[0]).all():
            return mixed(words[:1] ^ name)
        cells = mixed(words ^ name)
    if nulls:
        cells[column.is_null().to_numpy()] = 0
    return cells
