r"""What a name must be: seen whole, spelt in one way, and short.

Two names that look the same would be two models, and nobody could tell which is meant. So a name
is refused where Unicode has a shorter spelling of it (NFC), or where it holds what nobody sees.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from argosy.errors import BadInput
from argosy.inert import HIDDEN

_PATHS = r"^$|[/\\@]|^\s|\s$|^\.{1,2}$"
_OPEN_ENDS = r"^\s|\s$"
_CONTROL = r"\p{Cc}"
_LONGEST = 200
_NAMES = ("team", "owner")
"""Columns of names that may hold a slash or an at sign, such as the address of a team."""


@cache
def bad_names(column: str) -> pl.Expr:
    """Say why a name cannot be part of a path, or null: Unicode is fine, separators are not."""
    text = pl.col(column)
    return (
        pl.when(text.is_null())
        .then(pl.format("{} is missing", pl.lit(column)))
        .when(text.str.contains(f"{_PATHS}|{_CONTROL}"))
        .then(
            pl.format(
                "{} '{}' is empty, ends in space, or holds one of / \\ @ or a control character",
                pl.lit(column),
                _shown(text),
            )
        )
        .otherwise(unclear_names(column))
    )


@cache
def unclear_names(column: str, what: str | None = None) -> pl.Expr:
    """Say why a name could be taken for another or is none, or null; a missing one is fine.

    Args:
        column: that holds the names.
        what: they are called; defaults to the column's name.
    """
    text, called = pl.col(column), pl.lit(what or column)
    composed = text.str.normalize("NFC")
    return (
        pl.when(text.str.contains(_OPEN_ENDS))
        .then(pl.format("{} '{}' begins or ends with a space", called, _shown(text)))
        .when(text.str.contains(HIDDEN))
        .then(
            pl.format(
                "{} '{}' holds what nobody sees, where � stands: a zero width, a sign that turns"
                " the order of reading, or a space that is not the plain one; leave it out",
                called,
                _shown(text),
            )
        )
        .when(text != composed)
        .then(
            pl.format(
                "{} '{}' is not spelt as Unicode composes it (NFC), so another name could look the"
                " same; write it as '{}', which unicodedata.normalize('NFC', name) returns",
                called,
                _shown(text),
                composed,
            )
        )
        .when(text.str.len_bytes() > _LONGEST)
        .then(
            pl.format(
                "{} '{}…' is longer than {} bytes", called, text.str.head(30), pl.lit(_LONGEST)
            )
        )
    )


def refuse_bad_name(name: str, what: str) -> None:
    """Raise if a single name cannot be part of a path.

    Raises:
        BadInput: saying why.
    """
    _refuse(name, what, bad_names(what))


def refuse_unclear_name(name: str, what: str) -> None:
    """Raise if a single name could be taken for another; it may hold slashes and the like.

    Raises:
        BadInput: saying why.

    >>> refuse_unclear_name("ops@example.org", "actor")
    """
    _refuse(name, what, unclear_names(what))


def refuse_unclear_cells(rows: pl.DataFrame, what: str) -> None:
    """Raise for teams, owners and keys of maps that could be taken for others.

    Args:
        rows: of any columns.
        what: a row is called.

    Raises:
        BadInput: naming the row, the column and why.
    """
    for column in rows:
        if column.null_count() == len(column):
            continue
        held = pl.DataFrame({"name": column}).with_row_index("row")
        if isinstance(column.dtype, pl.Map):
            keys = held.select("row", pl.col("name").map.entries())
            held = keys.explode("name", empty_as_null=False).select(
                "row", name=pl.col("name").struct.field("key")
            )
        elif column.name not in _NAMES:
            continue
        faults = held.select("row", told=unclear_names("name")).filter(pl.col("told").is_not_null())
        if faults.height:
            row, told = faults.row(0)
            part = "a key of " if isinstance(column.dtype, pl.Map) else ""
            raise BadInput(f"row {row}: {part}{column.name} of a {what}: the {told}")


def _refuse(name: str, what: str, fault: pl.Expr) -> None:
    try:
        names = pl.DataFrame({what: [name]}, schema={what: pl.String})
    except UnicodeEncodeError as error:
        raise BadInput(f"{what} {name!r} holds half a character; write it as Unicode") from error
    told = names.select(fault).item()
    if told:
        raise BadInput(told)


def _shown(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(HIDDEN, "�")
