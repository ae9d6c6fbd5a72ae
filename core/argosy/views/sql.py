"""SQL over all tables of a fleet."""

from __future__ import annotations

import os
import re
from functools import reduce
from operator import mul
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.plugins import options
from argosy.plugins.settings import CORE
from argosy.registry.times import in_utc, without_zone
from argosy.sql.query import query as read
from argosy.sql.refusal import RefusedSQL, first_line, shown
from argosy.tables import BESIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.sql.query import Query
    from argosy.types import FleetView

_MISSING_COLUMN = re.compile(r'column "([^"]+)"')
_MOST_ROWS = 1_000_000
"""So many rows, of a table or of several joined, are looked through here: a second or two."""
_SHARE = 0.25
_USUAL_MEMORY = 4 * 2**30


def query(fleet: FleetView, text: str) -> pl.DataFrame:
    """Answer a query; only the tables that it names are read.

    One that could make more of its tables than they are is answered by another process, within
    `core.query_seconds` and `core.query_memory`.

    Raises:
        UnknownName: for a table or column that does not exist.
        BadInput: for a query that is no SQL, would change something or read a file, or takes more
            time or memory than it may.
    """
    try:
        asked = read(text, [*fleet.tables(), *BESIDES])
        frames = {name: _frame(fleet, name) for name in dict.fromkeys(asked.tables)}
        return in_utc(_answered(asked, frames))
    except RefusedSQL as error:
        raise BadInput(f"cannot answer {shown(text)}: {error}") from error
    except pl.exceptions.ColumnNotFoundError as error:
        known = [name for frame in frames.values() for name in frame.collect_schema().names()]
        named = _MISSING_COLUMN.search(str(error))
        column = named[1] if named else first_line(error)
        raise UnknownName.among("column", column, known) from error
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"cannot answer {shown(text)}: {first_line(error)}") from error


def _frame(fleet: FleetView, name: str) -> pl.LazyFrame:
    if name == "fleet":
        return without_zone(fleet.overview()).lazy()
    if name == "triage":
        return fleet.triage().lazy()
    return without_zone(fleet.with_fields(name))


def _answered(asked: Query, frames: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    rows = {name: frame.select(pl.len()).collect().item() for name, frame in frames.items()}
    joined = reduce(mul, (rows[name] for name in asked.tables), 1)
    if asked.bounded and joined <= _MOST_ROWS:
        return asked.over(frames).collect()
    from argosy.views import limited

    own = options(CORE)
    memory = own.query_memory * 2**30 if own.query_memory else _SHARE * _memory()
    named = {name: _named(frame, asked) for name, frame in frames.items()}
    handed = {
        name: frame.collect().lazy() if rows[name] <= _MOST_ROWS else frame
        for name, frame in named.items()
    }
    try:
        return limited.collect(asked.over(handed), own.query_seconds, int(memory))
    except limited.QueryEnded as error:
        raise RefusedSQL(str(error)) from error


def _named(frame: pl.LazyFrame, asked: Query) -> pl.LazyFrame:
    """Return a table with the columns that a query may read: no others are handed over."""
    names = frame.collect_schema().names()
    if asked.columns is None:
        return frame
    return frame.select([name for name in names if name.lower() in asked.columns] or names[:1])


def _memory() -> float:
    """Return the bytes of the machine, or some where it does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return _USUAL_MEMORY / _SHARE
