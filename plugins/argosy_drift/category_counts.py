"""Count the texts of every group, all groups of a column at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SHORT = 12
"""A text of at most so many bytes stands in its view, the 16 bytes that Arrow keeps of it."""


class Tally(NamedTuple):
    """How often each group has each text."""

    texts: pl.Series
    """The texts of the first group, then those of the second; null is one like any other."""
    counts: Ints
    """How often its group has each."""
    many: Ints
    """How many texts each group has, shape (groups,)."""
    codes: NDArray[np.int32]
    """Of each row the number of its text in its group, -1 where it is null; if asked for."""


def tallied(column: pl.Series, lengths: Ints, coded: bool = False) -> Tally:
    """Count the texts of a column by group.

    Args:
        column: texts, those of each group together.
        lengths: how many rows each group has.
        coded: whether rows are numbered by their texts too.

    Example:
        >>> found = tallied(pl.Series(["b", "a", "b", None]), np.array([3, 1]))
        >>> found.texts.to_list(), found.counts.tolist(), found.many.tolist()
        (['b', 'a', None], [2, 1, 1], [2, 1])
    """
    column = column.rechunk()
    views = column.to_arrow(compat_level=pl.CompatLevel.newest())
    start, end = 2 * views.offset, 2 * (views.offset + len(views))
    keys = np.frombuffer(views.buffers()[1], np.uint64)[start:end].reshape(-1, 2)
    if len(keys) and keys.view(np.uint32)[:, 0].max() > _SHORT:  # where the length stands
        keys = _hashed(column)
    known = column.is_not_null().to_numpy() if column.null_count() else np.ones(0, np.bool_)
    codes = np.empty(len(column) if coded else 0, np.int32)
    first, counts, many = _counted(keys, known, lengths, codes)
    return Tally(column[first], counts, many, codes)


def _hashed(column: pl.Series) -> NDArray[np.uint64]:
    """Let two hashes stand for texts that are too long to stand for themselves.

    Of a hundred million different texts, two have equal hashes with a chance of 1e-23.
    """
    return np.column_stack([column.hash(seed).to_numpy() for seed in (0, 1)])


@compiled
def _counted(
    keys: NDArray[np.uint64],
    known: NDArray[np.bool_],
    lengths: Ints,
    codes: NDArray[np.int32],
) -> tuple[Ints, Ints, Ints]:
    """Count by hashing, one small table per group.

    Args:
        keys: two numbers per row, equal where the texts are; shape (rows, 2).
        known: which rows are not missing; empty if all are there.
        lengths: how many rows each group has.
        codes: where the number of each row's text in its group is written, -1 for a missing one;
            empty if nobody wants them.

    Returns:
        For each group and text the row where it occurs first and how often it does; and how many
        texts each group has.
    """
    longest = 0
    for length in lengths:
        longest = max(longest, length)
    digits = 3
    while 1 << digits < 2 * longest:
        digits += 1
    slots = np.empty(1 << digits, np.int64)
    first, counts = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    many = np.zeros(len(lengths), np.int64)
    none = np.uint64(0xFFFFFFFFFFFFFFFF)  # no length of a text, and no number of one
    shuffle, mix = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
    start = end = 0
    for group in range(len(lengths)):
        digits = 3
        while 1 << digits < 2 * lengths[group]:
            digits += 1
        shift, mask = np.uint64(64 - digits), np.uint64((1 << digits) - 1)
        slots[: 1 << digits] = -1
        begin = end
        for row in range(start, start + lengths[group]):
            low, high = keys[row, 0], keys[row, 1]
            there = not len(known) or known[row]
            if not there:
                low = high = none
            slot = ((low * shuffle ^ high) * mix) >> shift
            while True:
                found = slots[slot]
                if found < 0:
                    found = end
                    slots[slot] = end
                    first[end], counts[end] = row, 1
                    end += 1
                    break
                other = first[found]
                same = keys[other, 0] == low and keys[other, 1] == high
                if len(known) and not known[other]:
                    same = low == none and high == none
                if same:
                    counts[found] += 1
                    break
                slot = (slot + np.uint64(1)) & mask
            if len(codes):
                codes[row] = found - begin if there else -1
        many[group] = end - begin
        start += lengths[group]
    return first[:end], counts[:end], many
