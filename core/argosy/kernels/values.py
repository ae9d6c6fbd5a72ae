"""What value a cell means, whatever type it is stored as: its text, equal where values are.

| cell | its text |
|---|---|
| boolean | `true`, `false` |
| integer of any width | its digits: `7` |
| float, decimal | as an integer where it is whole: `7`; else in its shortest decimal form: `1.1` |
| NaN | missing |
| text | itself; but a whole number that ends in `.0` without it: `7.0` is `7` |
| category, enum, dictionary | as the text that it stands for |
| bytes | as the text that they are in UTF-8, else in hexadecimal digits |
| date | `2024-03-31` |
| time with a date | in UTC and no longer than needed: `2024-03-31 01:30:00`; at midnight the date |
| time of day, duration | as ISO 8601 writes it: `01:30:00`, `PT1H` |

So text spells a number only where that number is written so: `007`, `1.10`, `1e3`, `+7` and ` 7`
are text, and differ from 7, 1.1 and 1000. Nothing goes through a float that was none.

Two words mean more beside another column (`beside`): where that is boolean, `1`, `true`, `True` and
`TRUE` are true, and `0`, `false`, `False` and `FALSE` false; where that holds dates or times, text
in ISO 8601 is the instant that it tells.
"""

from __future__ import annotations

import decimal

import numpy as np
import polars as pl

_POINT = ".0"
_WHOLE = r"^(-?(?:0|[1-9][0-9]*))\.0$"
_MINUS = "-0"
_MIDNIGHT = " 00:00:00"
_TIME = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"
_FINE = r"^(?:1[7-9]|2[01]).*\.[0-9]{7}"
"""Nanoseconds, of the years that a count of them reaches."""
FLAGS = {
    **dict.fromkeys(("1", "true", "True", "TRUE"), "true"),
    **dict.fromkeys(("0", "false", "False", "FALSE"), "false"),
}
"""The words that mean true or false beside a boolean column, and how that is spelt."""


def spelt(column: pl.Series) -> pl.Series:
    """Write the values of a column of any type as text, equal ones alike.

    Args:
        column: of no nested type.

    Returns:
        Text, null where a value is missing.

    Example:
        >>> spelt(pl.Series([7.0, 1.1, float("nan")])).to_list()
        ['7', '1.1', None]
        >>> spelt(pl.Series(["7.0", "007", "1.10", "1e3"])).to_list()
        ['7', '007', '1.10', '1e3']
    """
    kind = column.dtype
    if kind.is_float():
        return _floats(column)
    if kind.is_decimal():
        text = column.cast(pl.String)
        pointed = text.str.strip_chars_end("0").str.strip_chars_end(".")
        return pointed if kind.scale else text  # type: ignore[attr-defined]
    if kind == pl.Binary:
        return _plain(_bytes(column))
    if isinstance(kind, pl.Datetime):
        utc = column.dt.convert_time_zone("UTC") if kind.time_zone else column
        return utc.dt.to_string("%Y-%m-%d %H:%M:%S%.f").str.strip_suffix(_MIDNIGHT)
    if kind == pl.Time:
        return column.dt.to_string("%H:%M:%S%.f")
    if kind == pl.Duration:
        return column.dt.to_string("iso")
    if kind == pl.String:
        return _plain(column)
    text = column.cast(pl.String)
    return _plain(text) if kind in (pl.Categorical, pl.Enum) else text


def spelling(column: pl.Expr, kind: pl.DataType | None = None) -> pl.Expr:
    """Write a column of a table as `spelt` does.

    Args:
        column: of the table.
        kind: its type, where it is known, which is faster.

    Example:
        >>> pl.LazyFrame({"key": [7.0]}).select(spelling(pl.col("key"))).collect().item()
        '7'
    """
    if kind is not None and (kind.is_integer() or kind in (pl.Boolean, pl.Date)):
        return column.cast(pl.String)
    return column.map_batches(spelt, return_dtype=pl.String, is_elementwise=True)


def spell(value: object) -> str:
    """Write one value as `spelt` writes a column of them.

    >>> spell(True), spell(2.0), spell("x"), spell("7.0")
    ('true', '2', 'x', '7')
    """
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    plain = value.item() if isinstance(value, np.generic) else value
    text = spelt(pl.Series([plain], strict=False))[0]
    return str(plain) if text is None else str(text)


def has_fractions(kind: pl.DataType) -> bool:
    """Say whether numbers of a type may have a fraction.

    >>> [has_fractions(kind) for kind in (pl.Float32(), pl.Decimal(10, 2), pl.Decimal(10, 0))]
    [True, True, False]
    """
    return kind.is_float() or (kind.is_decimal() and bool(kind.scale))  # type: ignore[attr-defined]


def flags(text: pl.Series) -> pl.Series:
    """Write words that mean true or false as `true` and `false`; others stay what they are.

    >>> flags(pl.Series(["1", "False", "yes"])).to_list()
    ['true', 'false', 'yes']
    """
    return text.replace(FLAGS)


def beside(text: pl.Series, kind: pl.DataType) -> pl.Series:
    """Read text as it is meant beside a column of some type.

    Args:
        text: as `spelt` returns it.
        kind: the type of the other column.

    Example:
        >>> beside(pl.Series(["True", "1"]), pl.Boolean()).to_list()
        ['true', 'true']
        >>> beside(pl.Series(["2024-01-01T01:00+01:00"]), pl.Date()).to_list()
        ['2024-01-01']
    """
    if kind == pl.Boolean:
        return flags(text)
    if kind in (pl.Date, pl.Datetime):
        return _times(text)
    return text


def distinct(column: pl.Series) -> pl.Series:
    """Return a column so that two of its values are equal where they mean the same.

    >>> distinct(pl.Series(["7", "7.0"])).n_unique(), distinct(pl.Series([1.0, float("nan")]))[1]
    (1, None)
    """
    kind = column.dtype
    if kind.is_float():
        return column.fill_nan(None)
    plain = kind.is_numeric() or kind.is_temporal() or kind == pl.Boolean or kind.is_nested()
    return column if plain else spelt(column)


def side_by_side(one: pl.Series, other: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return two columns in one type, in which their values are equal where they mean the same.

    Columns of one plain type stay as they are.

    Example:
        >>> ours, theirs = side_by_side(pl.Series([1, 2]), pl.Series(["1.0", "02"]))
        >>> ours.to_list(), theirs.to_list()
        (['1', '2'], ['1', '02'])
    """
    kinds = one.dtype, other.dtype
    plain = kinds[0].is_integer() or kinds[0].is_nested() or kinds[0] in (pl.Boolean, pl.Date)
    if kinds[0] == kinds[1] and plain:
        return one, other
    if all(kind.is_integer() for kind in kinds):
        narrow = all(kind not in (pl.UInt64, pl.Int128, pl.UInt128) for kind in kinds)
        if narrow:
            return one.cast(pl.Int64), other.cast(pl.Int64)
    texts = spelt(one), spelt(other)
    return beside(texts[0], kinds[1]), beside(texts[1], kinds[0])


def _plain(text: pl.Series) -> pl.Series:
    """Leave `.0` out where text spells a whole number so."""
    if not text.str.ends_with(_POINT).any():
        return text
    found = text.str.replace(_WHOLE, "${1}")
    return found.zip_with(
        ((found != _MINUS) | (text == _MINUS)).fill_null(value=True), found.str.head(0) + "0"
    )


def _bytes(column: pl.Series) -> pl.Series:
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:  # some are no UTF-8
        told = {value: _decoded(value) for value in column.drop_nulls().unique()}
        return pl.Series(column.name, [told.get(value) for value in column], dtype=pl.String)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _floats(column: pl.Series) -> pl.Series:
    known = column.fill_nan(None)
    whole = known.cast(pl.Int64, strict=False)
    rest = known.is_not_null() & ~(whole.cast(column.dtype) == known).fill_null(value=False)
    text = whole.cast(pl.String)
    return text.zip_with(~rest, _fractions(known)) if rest.any() else text


def _fractions(column: pl.Series) -> pl.Series:
    """Write numbers without an exponent."""
    text = column.cast(pl.String)
    long = text.str.contains("e", literal=True)
    if not long.any():
        return text
    odd = column.filter(long).unique()
    words = [_long(value, word) for value, word in zip(odd, odd.cast(pl.String), strict=True)]
    return text.replace(odd.cast(pl.String), pl.Series(words))


def _long(value: float, word: str) -> str:
    exact = decimal.Decimal(int(value)) if value.is_integer() else decimal.Decimal(word)
    return f"{exact:f}"


def _times(text: pl.Series) -> pl.Series:
    """Write text in ISO 8601 as the instant that it tells, in UTC where it names no zone."""
    whole = pl.col("text").str.contains(_TIME)
    spaced = pl.col("text").str.replace("T", " ", literal=True)
    zoned = pl.when(spaced.str.len_chars() > 10).then(spaced).otherwise(spaced + _MIDNIGHT)
    zoned = zoned.str.replace(r"^(.{10} \d{2}:\d{2})([Z+-].*)?$", "${1}:00${2}")
    zoned = zoned.str.replace(r"Z$", "+00:00")
    written = zoned.str.contains(r"[+-]\d{2}:?\d{2}$")
    zoned = pl.when(written).then(zoned).otherwise(zoned + "+00:00")
    form = "%Y-%m-%d %H:%M:%S%.f%#z"
    fine = pl.col("text").str.contains(_FINE)
    units = {"us": ~fine, "ns": fine}
    found = text.rename("text").to_frame()
    for unit, rows in units.items():
        read = zoned.str.to_datetime(form, strict=False, time_unit=unit, time_zone="UTC")  # type: ignore[arg-type]
        words = spelt(found.select(pl.when(whole & rows).then(read)).to_series())
        text = text.zip_with(words.is_null(), words)
    return text
