"""Numbers in a column of any type, text among them."""

from __future__ import annotations

import polars as pl

from argosy.kernels.values import spelt

_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Binary)
_FLAGS = {"true": 1.0, "false": 0.0}


def numbers(column: pl.Series) -> pl.Series:
    """Return the numbers of a column as floats, null where there is none.

    Text says a number with or without blanks around it, whatever type it is stored as; `true` is 1
    and `false` is 0, as where they are no text.

    Args:
        column: of no nested type.

    Example:
        >>> numbers(pl.Series([" 0.5", "+7", "1e3", "True", "n/a"])).to_list()
        [0.5, 7.0, 1000.0, 1.0, None]
        >>> numbers(pl.Series(["0.5"], dtype=pl.Categorical)).to_list()
        [0.5]
    """
    if column.dtype not in _TEXTS:
        return column.cast(pl.Float64, strict=False)
    text = spelt(column) if column.dtype == pl.Binary else column.cast(pl.String)
    found = text.cast(pl.Float64, strict=False)
    if found.null_count() == text.null_count():
        return found
    bare = text.str.strip_chars()
    found = bare.cast(pl.Float64, strict=False)
    words = bare.str.to_lowercase()
    flags = words.replace_strict(_FLAGS, default=None, return_dtype=pl.Float64)
    return found.zip_with(found.is_not_null(), flags)


def number(column: pl.Expr) -> pl.Expr:
    """Return the numbers of a column of a table, as `numbers` does.

    Example:
        >>> pl.LazyFrame({"wins": ["7 "]}).select(number(pl.col("wins"))).collect().item()
        7.0
    """
    return column.map_batches(numbers, return_dtype=pl.Float64, is_elementwise=True)


def as_arrays_hold(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a table with decimals and integers of 128 bits as floats: arrays have no such types.

    Example:
        >>> as_arrays_hold(pl.DataFrame({"x": pl.Series([7], dtype=pl.Int128)})).dtypes
        [Float64]
    """
    wide = [
        name
        for name, kind in rows.schema.items()
        if kind in (pl.Int128, pl.UInt128) or kind.is_decimal()
    ]
    return rows.with_columns(rows[name].cast(pl.Float64) for name in wide) if wide else rows
