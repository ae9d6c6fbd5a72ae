"""Tables as they come in, with the columns that a computation needs, or an error that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from polars._typing import PolarsDataType


def validated(
    table: pl.DataFrame | pa.Table,
    columns: Mapping[str, PolarsDataType],
    what: str,
    optional: Mapping[str, PolarsDataType] | None = None,
) -> pl.DataFrame:
    """Return a table with these columns cast to these types; other columns stay as they are.

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
            pl.col(name).cast(kind) for name, kind in [*columns.items(), *(optional or {}).items()]
        )
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"the {what} cannot be used: {error}") from error
    for name, kind in columns.items():
        missing = frame[name].null_count() if kind == pl.String else 0
        if missing:
            raise BadInput(f"{missing} of the {what} have no {name}; leave them out or name it")
    return frame


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
