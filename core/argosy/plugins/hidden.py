"""Take secrets that this process has seen out of what it prints and keeps.

Reasons, errors and tracebacks are often a stranger's words, which may quote what they were given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from argosy.inert import MOST, bounded

if TYPE_CHECKING:
    import pyarrow as pa

MASK = "**********"
"""What stands in the place of a secret."""
_SHORTEST = 5
"""Letters below which a value is part of many words, and hides nothing."""
_TOLD = frozenset({"reason", "detail"})
"""Columns that hold a stranger's words."""
_known: set[str] = set()


def remember(value: str) -> None:
    """Let `hidden` take a value out of what is printed and kept, however it is quoted there."""
    if len(value) >= _SHORTEST:
        quoted = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
        _known.update((value, *quoted, repr(value)[1:-1], quote(value), quote(value, safe="")))


def learn(values: Any) -> None:  # noqa: ANN401
    """Remember every secret that a worker was handed, as deep as it lies."""
    if hasattr(values, "get_secret_value"):
        remember(values.get_secret_value())
    elif isinstance(values, Mapping):
        learn(list(values.values()))
    elif isinstance(values, (list, tuple)):
        for value in values:
            learn(value)


def hidden(text: str) -> str:
    """Return a text without the secrets that this process has seen.

    >>> remember("open sesame")
    >>> hidden("the door says: open sesame!")
    'the door says: **********!'
    """
    for value in known():
        text = text.replace(value, MASK)
    return text


def without(table: pa.Table) -> pa.Table:
    """Return a table whose reasons hold no secret that this process has seen, and have an end."""
    import polars as pl

    for name in _TOLD & set(table.column_names):
        column = pl.Series(table[name]).cast(pl.String)
        found = column.str.replace_many(known(), [MASK] * len(_known)) if _known else column
        long = found.filter(found.str.len_chars() > MOST).unique().to_list()
        if not long and not _known:
            continue
        found = found.replace(long, [bounded(text) for text in long])
        place = table.column_names.index(name)
        field = table.schema.field(name)
        table = table.set_column(place, field, found.to_arrow().cast(field.type))
    return table


def known() -> list[str]:
    """Return the secrets that this process has seen, the longest first."""
    return sorted(_known, key=len, reverse=True)
