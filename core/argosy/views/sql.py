"""SQL over all tables of a fleet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.times import in_utc, without_zone
from argosy.tables import BESIDES

if TYPE_CHECKING:
    from argosy.types import FleetView

_READS = re.compile(r"^\s*(select|with|show|explain)\b", re.IGNORECASE)
_MISSING_COLUMN = re.compile(r'column "([^"]+)"')
_MISSING_TABLE = re.compile(r"relation '?([^' ]+)'? was not found")


def query(fleet: FleetView, text: str) -> pl.DataFrame:
    """Answer a query; only the tables that it names are read.

    Raises:
        UnknownName: for a table or column that does not exist.
        BadInput: for a query that is no SQL, or would change something.
    """
    if not _READS.match(text):
        raise BadInput(
            f"cannot run {text!r}: a query starts with SELECT or WITH; tables change through verbs"
        )
    words = set(re.findall(r"\w+", text.lower()))
    names = fleet.tables()
    frames = {name: without_zone(fleet.with_fields(name)) for name in names if name in words}
    if "fleet" in words:
        frames["fleet"] = without_zone(fleet.overview()).lazy()
    if "triage" in words:
        frames["triage"] = fleet.triage().lazy()
    try:
        return in_utc(pl.SQLContext(frames).execute(text, eager=True))
    except pl.exceptions.ColumnNotFoundError as error:
        known = [name for frame in frames.values() for name in frame.collect_schema().names()]
        named = _MISSING_COLUMN.search(str(error))
        column = named[1] if named else str(error).splitlines()[0]
        raise UnknownName.among("column", column, known) from error
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        missing = _MISSING_TABLE.search(first)
        if missing:
            raise UnknownName.among("table", missing[1], [*names, *BESIDES]) from error
        raise BadInput(f"cannot answer {text!r}: {first}") from error
