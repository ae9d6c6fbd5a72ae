"""Times whose zone the engine does not know: those of an offset such as `+05:30` are instants.

Files with types store instants, and beside them what the zone is called. The engine knows the names
of the database of time zones and whole hours (`+02:00`), and panics over anything else. So it is
told to take the name as it is, and no more is made of it here than it says: of an offset the
instants, in UTC, as of times with an offset in text. A zone that nobody knows is refused.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNCHECKED = "POLARS_IGNORE_TIMEZONE_PARSE_ERROR"
_OFFSET = re.compile(r"^[+-]\d{2}:?\d{2}$")
_UTC = "UTC"


def take_any() -> None:
    """Tell the engine to open files whose times have any zone; `understood` looks at them."""
    os.environ.setdefault(_UNCHECKED, "1")


def understood(columns: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """Return the types of columns, times of an offset as instants in UTC.

    Args:
        columns: as a file says them.

    Raises:
        DataError: naming a column whose zone nobody knows.

    Example:
        >>> understood({"at": pl.Datetime("us", "+05:30")})
        {'at': Datetime(time_unit='us', time_zone='UTC')}
    """
    return {name: _known(name, kind) for name, kind in columns.items()}


def as_understood(rows: pl.LazyFrame, columns: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Return rows whose columns have the types that `understood` gives them.

    Args:
        rows: of files.
        columns: as these say them.
    """
    known = understood(columns)
    own = [pl.col(name).cast(kind) for name, kind in known.items() if kind != columns[name]]
    return rows.with_columns(own) if own else rows


def _known(name: str, kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.List):
        return pl.List(_known(name, kind.inner))  # type: ignore[arg-type]
    if isinstance(kind, pl.Array):
        return pl.Array(_known(name, kind.inner), kind.size)  # type: ignore[arg-type]
    if isinstance(kind, pl.Struct):
        return pl.Struct([pl.Field(one.name, _known(name, one.dtype)) for one in kind.fields])  # type: ignore[arg-type]
    zone = kind.time_zone if isinstance(kind, pl.Datetime) else None
    if zone is None or _has(zone):
        return kind
    if _OFFSET.match(zone):
        return pl.Datetime(kind.time_unit, _UTC)  # type: ignore[attr-defined]
    raise DataError(
        f"the times of the column {name!r} have the zone {zone!r}, which the database of time zones"
        " does not have; write them in UTC, or in a zone such as 'Europe/Berlin'"
    )


@cache
def _has(zone: str) -> bool:
    """Whether the engine has a clock of a zone."""
    try:
        pl.Series([datetime(2000, 1, 1)]).dt.replace_time_zone(zone)
    except pl.exceptions.PolarsError:
        return False
    return True
