"""What a query over tables may be: one that reads tables by name, and nothing else.

It has sub-queries, joins and tables of its own (WITH), all of them over tables that are known. It
calls no function in place of a table, and changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.sql.functions import GROWING
from argosy.sql.refusal import RefusedSQL
from argosy.sql.select import QueryWriter
from argosy.sql.tree import statements
from argosy.sql.words import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SHORT = 10_000
_GROWS = re.compile(rf"\b({'|'.join(sorted(GROWING))})\b|\|\|", re.IGNORECASE)
_CHOOSES = re.compile(r"\bcolumns\b|\^", re.IGNORECASE)
"""What may stand for columns by a pattern."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is admitted, written anew."""

    text: str
    tables: tuple[str, ...]
    """Those that it reads, each as often as it is named."""
    columns: frozenset[str] | None
    """The names of all columns that it may read, in small letters; None for every column."""
    bounded: bool
    """Whether it can make no more of its tables than their rows joined with each other."""

    def over(self, frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
        """Return it as a plan over tables.

        Raises:
            polars.exceptions.PolarsError: if the engine cannot plan it.
        """
        return pl.SQLContext(dict(frames)).execute(self.text, eager=False)


def query(text: str, known: Collection[str]) -> Query:
    """Read a query over tables that are known.

    Raises:
        UnknownName: for a table that is not there.
        RefusedSQL: if it is none, or not admitted.

    >>> query("select team, count(*) from models group by team", ["models"]).text
    'SELECT team, count(*) FROM models GROUP BY team'
    """
    found = statements(text)
    if len(found) != 1:
        raise RefusedSQL(f"it is {len(found)} statements; write one")
    kind, held = kind_of(found[0])
    if kind != "Query":
        raise RefusedSQL("a query starts with SELECT or WITH; tables change through verbs")
    writer = QueryWriter(known)
    try:
        written = writer.query(held)
    except RecursionError as error:
        raise RefusedSQL("its parts stand too deep inside each other") from error
    bounded = writer.selects == 1 and len(written) <= _SHORT and not _GROWS.search(written)
    every = writer.every_column or _CHOOSES.search(written)
    columns = None if every else frozenset(name.lower() for name in writer.named)
    return Query(written, tuple(writer.read), columns, bounded)
