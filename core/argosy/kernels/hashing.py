"""Hashes of values that stay the same in every version of every library.

A number is mixed by the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014). The bytes of a text are looked up in a table of
256 such numbers and summed, each times a power of an odd constant that its place tells; the sum
is mixed with the length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_POWER = 0x5851F42D4C957F2D
_NOTHING = np.uint64(0x6E756C6C)
_BLOCK = 1 << 15
"""Values that are worked on together, so that they stay in the processor's cache."""


def mixed(values: Hashes) -> Hashes:
    """Mix 64-bit numbers, so that close ones are far apart.

    Example:
        >>> [hex(value) for value in mixed(np.array([0, 1], np.uint64))]
        ['0xe220a8397b1dcdaf', '0x910a2dec89025cc1']
    """
    found = np.empty(len(values), np.uint64)
    spare = np.empty(min(_BLOCK, len(values)), np.uint64)
    for start in range(0, len(values), _BLOCK):
        block = found[start : start + _BLOCK]
        moved = spare[: len(block)]
        np.add(values[start : start + _BLOCK], _STEP, out=block)
        for shift, factor in ((30, _FIRST), (27, _SECOND), (31, None)):
            np.right_shift(block, np.uint64(shift), out=moved)
            block ^= moved
            if factor is not None:
                block *= factor
    return found


def number_hash(values: NDArray[np.float64]) -> Hashes:
    """Hash float64 values; 0.0 and -0.0 are one value, and all NaN are."""
    plain = values + 0.0
    missing = np.isnan(plain)
    if missing.any():
        plain[missing] = np.nan
    return mixed(plain.view(np.uint64))


def text_hash(column: pl.Series) -> Hashes:
    """Hash text by its UTF-8 bytes.

    Example:
        >>> [hex(value) for value in text_hash(pl.Series(["", "ab", "ba", None]))]
        ['0xa706dd2f4d197e6f', '0xa7a4f62ab8b0b68e', '0xa888da77843766a4', '0x6e756c6c']
    """
    array = column.fill_null("").rechunk().to_arrow()
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset :][: len(array) + 1]
    content = array.buffers()[2]
    letters = np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8)
    sizes = np.diff(offsets)
    powers = _powers(int(sizes.max(initial=0)))
    found = np.empty(len(array), np.uint64)
    for start in range(0, len(array), _BLOCK):
        ends = offsets[start : start + _BLOCK + 1]
        size = sizes[start : start + _BLOCK]
        places = np.arange(ends[0], ends[-1]) - np.repeat(ends[:-1], size)
        terms = _LETTERS[letters[ends[0] : ends[-1]]] * powers[places]
        sums = np.append(np.uint64(0), np.cumsum(terms, dtype=np.uint64))
        here = ends - ends[0]
        found[start : start + _BLOCK] = sums[here[1:]] - sums[here[:-1]]
    found = mixed(found ^ mixed(sizes.astype(np.uint64)))
    if column.null_count():
        found[column.is_null().to_numpy()] = _NOTHING
    return found


def value_hash(column: pl.Series) -> Hashes:
    """Hash a column of any type by its values: whole numbers, other numbers, times or text.

    Example:
        >>> same = pl.Series([1, 2]), pl.Series([1, 2], dtype=pl.UInt8)
        >>> (value_hash(same[0]) == value_hash(same[1])).all()
        np.True_
    """
    kind = column.dtype
    if kind.is_float() or kind.is_decimal():
        found = number_hash(column.cast(pl.Float64).to_numpy())
    elif kind.is_integer() or kind == pl.Boolean:
        wide = column if kind == pl.UInt64 else column.cast(pl.Int64)
        found = mixed(wide.fill_null(0).to_numpy().view(np.uint64))
    elif isinstance(kind, pl.Datetime):
        found = mixed(column.dt.epoch("us").fill_null(0).to_numpy().view(np.uint64))
    elif kind in (pl.Date, pl.Time, pl.Duration):
        found = mixed(column.to_physical().cast(pl.Int64).fill_null(0).to_numpy().view(np.uint64))
    elif kind.is_nested():
        wrapped = column.to_frame("value").select(pl.struct("value").struct.json_encode())
        return text_hash(wrapped.to_series())
    else:
        return text_hash(column.cast(pl.String))
    if column.null_count():
        found[column.is_null().to_numpy()] = _NOTHING
    return found


def _powers(most: int) -> Hashes:
    powers = np.full(max(most, 1), _POWER, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


_LETTERS = mixed(np.arange(256, dtype=np.uint64))
