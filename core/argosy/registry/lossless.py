"""Cast numbers so that none of them changes: no fraction is cut off, and nothing wraps around."""

from __future__ import annotations

import polars as pl

from argosy.kernels.values import spelt


def reads(column: pl.Series, dtype: pl.DataType) -> bool:
    """Whether a column has numbers or truth values and must be others."""
    return _counts(column.dtype) and _counts(dtype) and column.dtype != dtype


def read(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return a column of numbers or truth values as another type of them.

    Returns:
        The same numbers; NaN is missing where there are no floats. Of whole numbers, 0 and 1 are
        truth values, but no truth value is a number.

    Raises:
        ValueError: naming the first row whose value would be another one.

    Example:
        >>> read(pl.Series([2.0, None]), pl.Int64()).to_list()
        [2, None]
        >>> read(pl.Series([2.0, 2.7]), pl.Int64())
        Traceback (most recent call last):
        ValueError: row 1 has 2.7, which would become another number
    """
    if column.dtype.is_float() and dtype.is_float():
        return column.cast(dtype)
    found = column.fill_nan(None) if column.dtype.is_float() else column
    told, found = spelt(found), found.cast(dtype, strict=False)
    kept = spelt(found.cast(pl.Int8) if dtype == pl.Boolean else found)
    changed = told.ne_missing(kept).arg_true()
    if len(changed):
        row = changed[0]
        raise ValueError(f"row {row} has {column[row]}, which would become another number")
    return found


def _counts(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean
