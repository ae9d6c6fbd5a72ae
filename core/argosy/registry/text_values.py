"""Read text as what a column must be, such as the `tier` of a CSV; what it does not say is told."""

from __future__ import annotations

import polars as pl

_ISO = r"^\d{4}-\d{2}-\d{2}"
_BOOLEAN = {"true": True, "false": False}


def reads(column: pl.Series, dtype: pl.DataType) -> bool:
    """Whether a column is text and must be a number, a boolean, a time or a list."""
    others = dtype.is_numeric() or dtype.is_temporal() or dtype in (pl.Boolean, pl.List)
    return column.dtype == pl.String and others


def read(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return text as values of a type; empty text is null.

    Raises:
        ValueError: naming the first row whose text says no such value.

    Example:
        >>> read(pl.Series("tier", ["2", "", None]), pl.Int64()).to_list()
        [2, None, None]
        >>> read(pl.Series("tier", ["2", "2.7"]), pl.Int64())
        Traceback (most recent call last):
        ValueError: row 1 has '2.7', which is no whole number
    """
    told = column.set(column == "", None)
    if dtype == pl.List:
        if told.null_count() == len(told):
            return pl.Series(column.name, [None], dtype=dtype).new_from_index(0, len(column))
        raise ValueError("text is not taken apart; write lists in JSON lines, Parquet or Arrow")
    if dtype == pl.Boolean:
        values = told.str.to_lowercase().replace_strict(
            _BOOLEAN, default=None, return_dtype=pl.Boolean
        )
    elif dtype == pl.Date:
        values = told.str.to_date("%Y-%m-%d", strict=False)
    elif isinstance(dtype, pl.Datetime):
        iso = told.set(~told.str.contains(_ISO), None)  # others are guessed at
        values = iso.str.to_datetime(strict=False, time_zone="UTC")
        values = values.dt.replace_time_zone(dtype.time_zone).cast(dtype, strict=False)
    else:
        values = told.cast(dtype, strict=False)
    wrong = (values.is_null() & told.is_not_null()).arg_true()
    if len(wrong):
        row = wrong[0]
        raise ValueError(f"row {row} has {told[row]!r}, which is {_not_a(dtype)}")
    return values


def _not_a(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "no whole number"
    if dtype.is_numeric():
        return "no number"
    if dtype.is_temporal():
        return "no time such as 2026-01-31T12:00:00Z"
    return "neither true nor false"
