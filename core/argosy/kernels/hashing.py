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

from argosy.kernels.values import spelt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_POWER = 0x5851F42D4C957F2D
_NOTHING = np.uint64(0x6E756C6C)
_WIDE = 2.0**63
"""Whole numbers from here on are no 64-bit integers."""
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
    """Hash a column of any type by its values, as `argosy.kernels.values` tells them.

    Equal values of two types have one hash: whole numbers as 64-bit integers where they are such,
    other numbers as float64 where that is exact, dates and times as their instant, and what is left
    as its text.

    Example:
        >>> same = pl.Series([1, 2]), pl.Series([1.0, 2.0]), pl.Series(["1", "2.0"])
        >>> len({tuple(value_hash(column).tolist()) for column in same})
        1
    """
    kind = column.dtype
    if kind.is_float():
        found = _of_floats(column)
    elif kind.is_integer() or kind == pl.Boolean:
        found = _of_integers(column)
    elif kind.is_temporal():
        found = _of_times(column)
    elif kind.is_nested():
        wrapped = column.to_frame("value").select(pl.struct("value").struct.json_encode())
        return text_hash(wrapped.to_series())
    else:
        return _of_text(spelt(column))
    if column.null_count():
        found[column.is_null().to_numpy()] = _NOTHING
    return found


def _of_floats(column: pl.Series) -> Hashes:
    values = column.cast(pl.Float64).to_numpy()
    whole = np.rint(values) == values
    if not whole.any():
        return _nothing_of(number_hash(values), values)
    narrow = whole & (np.abs(values) < _WIDE)
    if narrow.all():
        return mixed(values.astype(np.int64).view(np.uint64))
    found = _nothing_of(number_hash(values), values)
    found[narrow] = mixed(values[narrow].astype(np.int64).view(np.uint64))
    wide = whole & ~narrow & np.isfinite(values)
    if wide.any():
        found[wide] = text_hash(spelt(column.filter(pl.Series(wide))))
    return found


def _nothing_of(found: Hashes, values: NDArray[np.float64]) -> Hashes:
    missing = np.isnan(values)
    if missing.any():
        found[missing] = _NOTHING
    return found


def _of_integers(column: pl.Series) -> Hashes:
    narrow = column.cast(pl.Int64, strict=False)
    found = mixed(narrow.fill_null(0).to_numpy().view(np.uint64))
    if narrow.null_count() > column.null_count():
        wide = narrow.is_null() & column.is_not_null()
        found[wide.to_numpy()] = text_hash(spelt(column.filter(wide)))
    return found


def _of_times(column: pl.Series) -> Hashes:
    kind, rest = column.dtype, None
    if kind in (pl.Date, pl.Datetime):
        micros = column.cast(pl.Datetime("us")).to_physical()
    elif kind == pl.Duration:
        micros = column.cast(pl.Duration("us")).to_physical()
    else:
        micros = column.to_physical()
    if getattr(kind, "time_unit", None) == "ns":
        rest = (column.to_physical() % 1000).fill_null(0).to_numpy().astype(np.uint64)
    found = mixed(micros.cast(pl.Int64).fill_null(0).to_numpy().view(np.uint64))
    return found if rest is None or not rest.any() else np.where(rest, mixed(found ^ rest), found)


def _of_text(text: pl.Series) -> Hashes:
    """Hash text, that of a number as the number."""
    found = text_hash(text)
    if text.cast(pl.Float64, strict=False).null_count() == len(text):
        return found
    for kind, hashed in ((pl.Float64, _of_floats), (pl.Int64, _of_integers)):
        numbers = text.cast(kind, strict=False)
        same = (spelt(numbers) == text).fill_null(value=False)
        if same.any():
            found[same.to_numpy()] = hashed(numbers.filter(same))
    return found


def _powers(most: int) -> Hashes:
    powers = np.full(max(most, 1), _POWER, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


_LETTERS = mixed(np.arange(256, dtype=np.uint64))
