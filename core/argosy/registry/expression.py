"""SQL conditions over frames, such as `team = 'risk' AND tags.region = 'eu'`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.times import in_utc, without_zone

if TYPE_CHECKING:
    from collections.abc import Sequence


def filtered(frame: pl.DataFrame, expression: str) -> pl.DataFrame:
    """Keep the rows for which a SQL expression is true.

    Raises:
        UnknownName: for a column, tag or alias that does not exist.
        BadInput: for an expression that is no SQL, or no condition.

    >>> filtered(pl.DataFrame({"team": ["risk", "web"]}), "team = 'risk' OR team IS NULL").rows()
    [('risk',)]
    """
    condition = parsed(expression)
    for name in condition.meta.root_names():
        if name not in frame.columns:
            raise UnknownName.among("column", name, frame.columns)
    try:
        chosen = without_zone(frame).sql(f"SELECT * FROM self WHERE {expression}")  # noqa: S608
        return in_utc(chosen)
    except pl.exceptions.StructFieldNotFoundError as error:
        structs = {
            name: [field.name for field in dtype.fields]
            for name, dtype in frame.schema.items()
            if isinstance(dtype, pl.Struct) and name in condition.meta.root_names()
        }
        fields = [f"{name}.{field}" for name, known in structs.items() for field in known]
        field = str(error).splitlines()[0]
        raise UnknownName.among("tag, alias or metric", field, fields) from error
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"cannot use {expression!r}: {str(error).splitlines()[0]}") from error


def as_struct(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Turn a map column into a struct of all its keys, so that SQL can say `name.key`."""
    keys = (
        frame[name].drop_nulls().map.keys()
        if frame.height
        else pl.Series([], dtype=pl.List(pl.String))
    )
    return _with_fields(frame, name, keys.explode().drop_nulls().unique().sort().to_list())


def _with_fields(frame: pl.DataFrame, name: str, keys: Sequence[str]) -> pl.DataFrame:
    if not keys:
        return frame.drop(name)
    return frame.with_columns(
        pl.struct([pl.col(name).map.get(key).alias(key) for key in keys]).alias(name)
    )


def names_in(expression: str | None) -> set[str] | None:
    """Return the columns that an expression names; None where there is no expression."""
    return None if expression is None else set(parsed(expression).meta.root_names())


def parsed(expression: str) -> pl.Expr:
    """Return the engine's expression.

    Raises:
        BadInput: for an expression that is no SQL.
    """
    try:
        return pl.sql_expr(expression)
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            f"cannot read the expression {expression!r}: {str(error).splitlines()[0]};"
            " write a SQL condition such as \"team = 'risk' AND tier <= 2\""
        ) from error
