"""What an expression over columns may be: a condition, a segment, a slice, a group.

It sees its own row, or the rows beside it, and nothing else: no sub-query, table, file or URL.
Texts that a fleet keeps are read by the same functions whenever they are used, whoever wrote them.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from argosy.sql.refusal import RefusedSQL, first_line, shown
from argosy.sql.tree import item
from argosy.sql.writer import ExpressionWriter

ENGINE = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What the engine may raise over an expression, which may be a stranger's: some make it panic."""
_KEPT = 2**15
"""Texts that are remembered: a fleet of ten thousand models may have a condition for each."""


@lru_cache(_KEPT)
def written(text: str) -> str:
    """Return an expression written anew, which means the same.

    Raises:
        RefusedSQL: if it is none, or not admitted.

    >>> written("team='risk'   and tags.region in ('eu')")
    "team = 'risk' AND tags.region IN ('eu')"
    """
    node = item(text)
    try:
        return ExpressionWriter().write(node)
    except RecursionError as error:
        raise RefusedSQL("its parts stand too deep inside each other") from error


@lru_cache(_KEPT)
def expression(text: str) -> pl.Expr:
    """Return the engine's expression.

    Raises:
        RefusedSQL: if it is none, or not admitted.

    >>> expression("age > 30 AND sex = 'f'").meta.root_names()
    ['age', 'sex']
    """
    own = written(text)
    try:
        return pl.sql_expr(own)
    except ENGINE as error:
        raise RefusedSQL(first_line(error)) from error


def row_filter(where: str) -> pl.Expr:
    """Return the filter of a binding, which names itself in errors: it may be anybody's.

    Raises:
        RefusedSQL: if it is none, or not admitted.
    """
    try:
        return expression(where)
    except RefusedSQL as error:
        raise RefusedSQL(f"the where {shown(where)} is not used: {error}") from error


def chosen(frame: pl.DataFrame, condition: str) -> pl.DataFrame:
    """Return the rows of a table for which a condition is true.

    Raises:
        RefusedSQL: for a text that is no expression.
        polars.exceptions.PolarsError: if the engine cannot work it out.
    """
    query = f"SELECT * FROM self WHERE {written(condition)}"  # noqa: S608
    return pl.SQLContext({"self": frame}).execute(query, eager=True)
