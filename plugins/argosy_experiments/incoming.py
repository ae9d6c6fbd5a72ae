"""Tables as they come in, with the columns that a computation needs, or an error that says so.

What a value means does not depend on how it is stored: names are compared as
`argosy.kernels.values` spells them, numbers and times may be text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.data.text_types import NOTHING
from argosy.data.time_readings import of_one_column
from argosy.data.times import instant
from argosy.errors import BadInput
from argosy.kernels.numbers import numbers
from argosy.kernels.values import spelt

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from polars._typing import PolarsDataType

_TYPED = ("model", "version", "experiment", "group", "rule", "kpi")
"""Names that users type: text stays what it is."""
_NESTED = (pl.List, pl.Array, pl.Struct)


def validated(
    table: pl.DataFrame | pa.Table,
    columns: Mapping[str, PolarsDataType],
    what: str,
    optional: Mapping[str, PolarsDataType] | None = None,
) -> pl.DataFrame:
    """Return a table with these columns read as these types; other columns stay as they are.

    Args:
        table: polars or Arrow.
        columns: which it must have. Those of text are names, and may not be null.
        what: what the table is, for the error.
        optional: columns that are null throughout where the table has none.

    Raises:
        BadInput: if a column is missing, is of another type, or has a null among names.

    Example:
        >>> validated(pl.DataFrame({"model": ["a"]}), {"model": pl.String}, "counts").shape
        (1, 1)
        >>> validated(pl.DataFrame({"n": [1]}), {"model": pl.String}, "counts")
        Traceback (most recent call last):
        argosy.errors.BadInput: the counts have no column 'model'; they have: n
    """
    frame = pl.DataFrame(table)
    for name in columns:
        if name not in frame.columns:
            raise BadInput(
                f"the {what} have no column {name!r}; they have: {', '.join(frame.columns)}"
            )
    absent = {name: kind for name, kind in (optional or {}).items() if name not in frame.columns}
    frame = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in absent.items())
    try:
        frame = frame.with_columns(
            _read(frame[name], kind).alias(name)
            for name, kind in {**columns, **(optional or {})}.items()
        )
    except (pl.exceptions.PolarsError, BadInput) as error:
        raise BadInput(f"the {what} cannot be used: {error}") from error
    for name, kind in columns.items():
        missing = frame[name].null_count() if kind == pl.String else 0
        if missing:
            raise BadInput(f"{missing} of the {what} have no {name}; leave them out or name it")
    return frame


def _read(column: pl.Series, kind: PolarsDataType) -> pl.Series:
    """Return a column as a type, or refuse it.

    Raises:
        BadInput: naming the column and a value that is none of the type.
    """
    if column.dtype in (kind, pl.Null) and kind != pl.String:
        return column.cast(kind)
    if kind == pl.String and column.dtype not in _NESTED:
        typed = column.name in _TYPED and column.dtype == pl.String
        return column if typed else spelt(column)
    if kind == pl.List(pl.String) and isinstance(column.dtype, pl.List | pl.Array):
        return _spelt_lists(column.cast(pl.List(column.dtype.inner)))
    if kind == pl.Float64 and column.dtype not in _NESTED:
        return _all_read(column, numbers(column), "number")
    if kind == pl.Int64 and not (column.dtype.is_integer() or column.dtype in _NESTED):
        found = numbers(column)
        whole = found.set(found != found.floor(), None)
        return _all_read(column, whole, "whole number").cast(kind)
    if isinstance(kind, pl.Datetime):
        return _all_read(column, _instants(column).cast(kind), "time")
    return column.cast(kind)


def _instants(column: pl.Series) -> pl.Series:
    if column.dtype.is_numeric():
        raise BadInput(
            f"the column {column.name!r} is {column.dtype}; give times, or text such as"
            " 2026-01-31T12:00:00Z"
        )
    rows = column.to_frame()
    return rows.select(instant(rows, of_one_column(rows, {"timestamp": column.name}))).to_series()


def _spelt_lists(column: pl.Series) -> pl.Series:
    """Spell the names in lists."""
    spelling = pl.element().map_batches(spelt, return_dtype=pl.String, is_elementwise=True)
    return column.list.eval(spelling)


def _all_read(column: pl.Series, found: pl.Series, what: str) -> pl.Series:
    if found.null_count() > column.null_count():
        odd = column.filter(found.is_null() & column.is_not_null()).cast(pl.String)
        odd = odd.filter(~odd.str.strip_chars().str.to_lowercase().is_in(NOTHING))
        if len(odd):
            raise BadInput(f"the column {column.name!r} holds {odd[0]!r}, which is no {what}")
    return found


def refuse_duplicates(frame: pl.DataFrame, keys: list[str], what: str) -> pl.DataFrame:
    """Return a table, or refuse it if it has two rows of one key.

    Example:
        >>> refuse_duplicates(pl.DataFrame({"model": ["a", "a"]}), ["model"], "rules")
        Traceback (most recent call last):
        argosy.errors.BadInput: the rules have two rows of model 'a'; keep one
    """
    twice = frame.filter(pl.struct(keys).is_duplicated())
    if twice.height:
        named = ", ".join(f"{key} {twice[key][0]!r}" for key in keys)
        raise BadInput(f"the {what} have two rows of {named}; keep one")
    return frame
