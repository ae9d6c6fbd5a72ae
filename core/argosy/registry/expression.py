"""SQL conditions over frames, such as `team = 'risk' AND tags.region = 'eu'`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.times import in_utc, without_zone
from argosy.sql.expression import ENGINE, chosen
from argosy.sql.expression import expression as sql_expression
from argosy.sql.refusal import RefusedSQL, first_line, shown

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
        return in_utc(chosen(without_zone(frame), expression))
    except pl.exceptions.StructFieldNotFoundError as error:
        structs = {
            name: [field.name for field in dtype.fields]
            for name, dtype in frame.schema.items()
            if isinstance(dtype, pl.Struct) and name in condition.meta.root_names()
        }
        fields = [f"{name}.{field}" for name, known in structs.items() for field in known]
        field = first_line(error)
        raise UnknownName.among("tag, alias or metric", field, fields) from error
    except ENGINE as error:
        raise BadInput(f"cannot use {shown(expression)}: {first_line(error)}") from error


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


def both(one: str, other: str) -> str:
    """Return the condition that two conditions hold.

    Raises:
        BadInput: if one of them is none, though together they might be one.

    >>> both("tier = 1 OR tier = 2", "NOT retired")
    '(tier = 1 OR tier = 2) AND (NOT retired)'
    """
    for text in (one, other):
        parsed(text)
    return f"({one}) AND ({other})"


def parsed(expression: str) -> pl.Expr:
    """Return the engine's expression.

    Raises:
        BadInput: for an expression that is no SQL, or not admitted.
    """
    try:
        return sql_expression(expression)
    except RefusedSQL as error:
        raise BadInput(
            f"cannot read the expression {shown(expression)}: {error};"
            " write a SQL condition such as \"team = 'risk' AND tier <= 2\""
        ) from error
