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


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is admitted, written anew."""

    text: str
    tables: tuple[str, ...]
    """Those that it reads."""
    bounded: bool
    """Whether it can make no more of its table than the table is."""

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
    single = writer.selects == 1 and len(writer.read) == 1
    bounded = single and len(written) <= _SHORT and not _GROWS.search(written)
    return Query(written, tuple(dict.fromkeys(writer.read)), bounded)
