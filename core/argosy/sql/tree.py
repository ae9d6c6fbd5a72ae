"""The parser: the library that the engine parses with too, so that one grammar is read."""

from __future__ import annotations

import re
from typing import Any

from argosy.sql.refusal import RefusedSQL
from argosy.sql.text import refuse_unreadable

_PLACE = re.compile(r"\s*at Line: (\d+), Column: (\d+)")
_DIALECT = "generic"
"""That of the engine."""

Node = Any
"""A node of the tree: its kind, or its kind and what it holds."""


def statements(text: str) -> list[Node]:
    """Parse a text into statements.

    Raises:
        RefusedSQL: if it is no SQL, saying where it is wrong.
    """
    refuse_unreadable(text)
    return _parsed(text, lines_before=0)


def item(text: str) -> Node:
    """Parse a text that is one expression.

    Raises:
        RefusedSQL: if it is none, or more than one.

    >>> item("team")["Identifier"]["value"]
    'team'
    """
    refuse_unreadable(text)
    found = _parsed(f"SELECT\n{text}", lines_before=1)
    if len(found) != 1:
        raise RefusedSQL("it is more than one statement; write one condition")
    query = found[0].get("Query") if isinstance(found[0], dict) else None
    select = query["body"].get("Select") if query else None
    if not select or len(select["projection"]) != 1 or _has_clauses(query, select):
        raise RefusedSQL("it is more than one expression; write one, without clauses or commas")
    one = select["projection"][0]
    if "ExprWithAlias" in one:
        raise RefusedSQL(
            f"{one['ExprWithAlias']['alias']['value']!r} follows the expression; join conditions"
            " with AND or OR"
        )
    if "UnnamedExpr" not in one:
        raise RefusedSQL("it stands for many columns; write an expression")
    return one["UnnamedExpr"]


def _has_clauses(query: Node, select: Node) -> bool:
    """Whether anything but a projection was written."""
    own = {"select_token", "projection", "flavor", "group_by"}
    grouped = any(select["group_by"].get("Expressions", [True]))
    rest = any(select[name] for name in select if name not in own)
    return rest or grouped or any(query[name] for name in query if name != "body")


def _parsed(text: str, lines_before: int) -> list[Node]:
    import sqloxide

    try:
        return list(sqloxide.parse_sql(text, _DIALECT))
    except BaseException as error:  # a panic of the parser is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        told = str(error).rpartition("sql parser error: ")[2].strip()
        if "recursion limit" in told:
            raise RefusedSQL("its brackets or signs stand too deep inside each other") from error
        raise RefusedSQL(_placed(told, lines_before)) from error


def _placed(told: str, lines_before: int) -> str:
    """Say where in the user's own text it is wrong."""
    found = _PLACE.search(told)
    if not found:
        return told.replace("EOF", "its end")
    line, column = int(found[1]) - lines_before, int(found[2])
    reason = told[: found.start()].replace("EOF", "its end")
    if line < 1 or not column:
        return reason
    where = f"character {column}" if line == 1 else f"line {line}, character {column}"
    return f"{reason}, at {where}"
