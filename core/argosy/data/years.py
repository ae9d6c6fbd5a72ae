"""The years that there are times of: 1 to 9999, which `datetime` knows, in any unit of the engine.

Numbers that were read in too coarse a unit lie far outside, where the engine cannot even write
them; some windows begin before the year 1, or end with the year 9999.
"""

from __future__ import annotations

from typing import Any

import polars as pl

FIRST_TIME, LAST_TIME = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first microsecond of the year 1 in UTC, and the last of the year 9999."""
_DAY_LONG = 86_400_000_000


def within_years(times: pl.Expr) -> pl.Expr:
    """Move instants that are before the year 1, or after 9999, to its beginning or end.

    A window may begin or end there, and `datetime` knows no other years.
    """
    bounds = (
        pl.lit(bound).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
        for bound in (FIRST_TIME, LAST_TIME)
    )
    return times.clip(*bounds)


def in_years(column: pl.Series) -> pl.Series:
    """Make null what lies more than a day outside of the years 1 to 9999.

    By a clock that is ahead of UTC, or behind, such a day is still one of these years.
    """
    if not outside(column):
        return column
    first, last = (
        _in_unit(bound, column) for bound in (FIRST_TIME - _DAY_LONG, LAST_TIME + _DAY_LONG)
    )
    near = column.to_physical().is_between(first, last)
    return pl.select(pl.when(near).then(column)).to_series().alias(column.name)


def outside(column: pl.Series) -> bool:
    """Whether any time of a column lies outside of the years 1 to 9999."""
    first, last = bounds(column)
    return first < FIRST_TIME or last > LAST_TIME


def bounds(column: pl.Series) -> tuple[int, int]:
    """Return the first and the last time of a column in microseconds; 0 where there is none."""
    many, of = _ratio(column)
    numbers: Any = column.to_physical()
    return (numbers.min() or 0) * many // of, (numbers.max() or 0) * many // of


def _in_unit(microseconds: int, column: pl.Series) -> int:
    many, of = _ratio(column)
    return microseconds * of // many


def _ratio(column: pl.Series) -> tuple[int, int]:
    """Return how many microseconds the unit of a column has, as a fraction."""
    kind = column.dtype
    if not isinstance(kind, pl.Datetime):
        return _DAY_LONG, 1
    return {"ns": (1, 1000), "us": (1, 1), "ms": (1000, 1)}[kind.time_unit]
