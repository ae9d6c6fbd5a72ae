"""The cells of a column as words of 64 bits, by their values alone.

However an engine lays a column out, in whatever buffers, equal values have equal words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.hashing import mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Ints = NDArray[np.int64]

_INLINE = 12
"""Bytes of a text that lie in the words of Arrow's views themselves."""
_HALF = np.uint64(0xFFFFFFFF)
_FEW = 16
_PLACES = mixed(np.arange(_FEW, dtype=np.uint64))
_EMPTY_SLOT = np.uint64(0x6E756C6C)
_TIMES = (pl.Datetime("us"), pl.Datetime("us", "UTC"))


def words_of(column: pl.Series) -> Words | tuple[Words, Ints]:
    """Return a word per value, or one per run of equal texts and the runs' lengths."""
    kind = column.dtype
    if kind == pl.String:
        return _text_runs(column)
    if isinstance(kind, pl.List):
        return _list_words(column)
    if not (kind.is_numeric() or kind == pl.Boolean or kind in _TIMES) or kind.is_decimal():
        raise TypeError(f"the column {column.name!r} is {kind}, of which there is no digest")
    if column.null_count():
        column = column.to_physical().fill_null(0)
    if not kind.is_float():
        whole = column if kind == pl.UInt64 else column.to_physical().cast(pl.Int64)
        return whole.to_numpy().view(np.uint64)
    plain = column.cast(pl.Float64).to_numpy() + 0.0  # -0.0 becomes 0.0
    missing = np.isnan(plain)
    if missing.any():
        plain[missing] = np.nan
    return plain.view(np.uint64)


def _flat(column: pl.Series) -> Words:
    """Return a word per value, runs or not, with one of its own for null."""
    if column.is_empty():
        return np.zeros(0, np.uint64)
    found = words_of(column)
    words = np.repeat(*found) if isinstance(found, tuple) else found
    if column.null_count():
        return np.where(column.is_null().to_numpy(), _EMPTY_SLOT, mixed(words))
    return mixed(words)


def _text_runs(column: pl.Series) -> tuple[Words, Ints]:
    """Return a word per run of texts that lie next to each other and are equal.

    Arrow lays a text of up to twelve bytes out in two words: its length and its bytes, padded
    with zeros. Of a longer one they tell where its bytes lie.
    """
    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    _, layout, *contents = array.buffers()
    views = np.frombuffer(layout, "<u8")[2 * array.offset :][: 2 * len(array)].reshape(-1, 2)
    sizes, rest = views[:, 0], views[:, 1]
    changes = (sizes[1:] != sizes[:-1]) | (rest[1:] != rest[:-1])
    heads = np.append(0, np.flatnonzero(changes) + 1)
    lengths = np.diff(heads, append=len(array))
    sizes, rest = sizes[heads], rest[heads]
    words = mixed(sizes) ^ rest
    long = (sizes & _HALF) > _INLINE
    if array.null_count:
        long &= column.is_not_null().to_numpy()[heads]
    if long.any():
        own = np.flatnonzero(long)
        words[own] = _long_words((sizes[own] & _HALF).astype(np.int64), rest[own], contents)
    return words, lengths


def _long_words(sizes: Ints, places: Words, contents: Sequence[pa.Buffer]) -> Words:
    """Return a word per text that lies in a buffer: of its size, and each eight bytes by place.

    The last eight may begin inside those before.
    """
    numbers, starts = places & _HALF, (places >> np.uint64(32)).astype(np.int64)
    if numbers.min() == numbers.max():
        return _eights(sizes, starts, contents[int(numbers[0])])
    found = np.empty(len(sizes), np.uint64)
    for number in np.unique(numbers):
        own = np.flatnonzero(numbers == number)
        found[own] = _eights(sizes[own], starts[own], contents[int(number)])
    return found


def _eights(sizes: Ints, starts: Ints, content: pa.Buffer) -> Words:
    eights = np.ndarray(content.size - 7, "<u8", content, strides=(1,))
    counts = (sizes + 7) // 8
    most = int(counts.max())
    if most > _FEW:
        ends = np.cumsum(counts)
        nth = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
        at = np.repeat(starts, counts) + np.minimum(nth * 8, np.repeat(sizes - 8, counts))
        return _ordered(eights[at], nth, ends, sizes)
    total = mixed(eights[starts] ^ _PLACES[0])
    for place in range(1, most):
        own = slice(None) if (counts > place).all() else np.flatnonzero(counts > place)
        at = starts[own] + np.minimum(place * 8, sizes[own] - 8)
        total[own] += mixed(eights[at] ^ _PLACES[place])
    return total ^ mixed(sizes.astype(np.uint64))


def _list_words(column: pl.Series) -> Words:
    """Return a word per list: of how many elements it has, and of each by its place."""
    array = column.rechunk().to_arrow()
    elements = pl.Series(array.flatten(), dtype=column.dtype.inner)  # type: ignore[attr-defined]
    sizes = column.list.len().fill_null(0).to_numpy().astype(np.int64)
    ends = np.cumsum(sizes)
    nth = np.arange(len(elements)) - np.repeat(ends - sizes, sizes)
    return _ordered(_flat(elements), nth, ends, sizes)


def _ordered(words: Words, nth: Ints, ends: Ints, sizes: Ints) -> Words:
    """Add up words, each mixed with its place in its group, and mix in the groups' sizes.

    Args:
        words: of all groups.
        nth: the place of each.
        ends: where the groups end.
        sizes: what is mixed in.
    """
    sums = np.zeros(len(words) + 1, np.uint64)
    if len(words):
        places = mixed(np.arange(int(nth.max()) + 1, dtype=np.uint64))
        np.cumsum(mixed(words ^ places[nth]), out=sums[1:])
    found: Words = sums[ends] - sums[np.append(0, ends[:-1])]
    return found ^ mixed(sizes.astype(np.uint64))
