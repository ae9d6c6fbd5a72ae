"""Steps of series: how long they are, and by which clock they go.

Steps of a day and more go by the clock of the series' zone, where every day is as long as another;
shorter ones go by instants, so that the day on which the clock is changed has 23 or 25 hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.times import UTC, instant, off_clock, on_clock, zone_of
from argosy.errors import BadInput
from argosy_rows.periods import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

MICROSECONDS = 60_000_000
"""Of a minute."""
_DAY = 24 * 60
_EPOCH = datetime(1970, 1, 1)


def microseconds(period: str, what: str) -> int:
    """Return how long a period is that has one length.

    Args:
        period: as `6h` or `1w`.
        what: it is, for the error.

    Raises:
        BadInput: for months, quarters and years, and for what is no period or has no length.

    >>> microseconds("1h", "horizon") // MICROSECONDS
    60
    """
    months, minutes = counted(period)
    if months or not minutes:
        raise BadInput(
            f"the {what} {period!r} has no one length; write it in minutes, hours, days or weeks,"
            " as 30m, 6h, 1d or 1w"
        )
    return minutes * MICROSECONDS


def clock_of(rows: pl.DataFrame, binding: Mapping[str, Any]) -> str | None:
    """Return the zone by whose clock the steps of a series go, or None where they are instants."""
    if microseconds(binding["frequency"], "frequency") < _DAY * MICROSECONDS:
        return None
    return zone_of(rows, binding)


def positions(rows: pl.DataFrame, binding: Mapping[str, Any], clock: str | None) -> pl.Series:
    """Return the times of rows as microseconds since 1970, by the clock or as instants."""
    times = instant(rows, binding)
    read = times if clock in (None, UTC) else on_clock(times, str(clock))
    return rows.select(read.dt.replace_time_zone(None).cast(pl.Int64)).to_series()


def position(moment: datetime, clock: str | None) -> int:
    """Return an instant as microseconds since 1970, by the clock or as it is."""
    at = pl.Series([moment]).cast(pl.Datetime("us", UTC))
    read = pl.lit(at) if clock in (None, UTC) else on_clock(pl.lit(at), str(clock))
    return int(pl.select(read.dt.replace_time_zone(None).cast(pl.Int64)).item())


def instants(places: pl.Series, clock: str | None) -> pl.Series:
    """Return positions as the instants that they stand for, in UTC."""
    local = pl.lit(places.cast(pl.Datetime("us")))
    return pl.select(off_clock(local, clock)).to_series()


def written(place: int) -> str:
    """Write a position for a person, to the minute.

    >>> written(0)
    '1970-01-01 00:00'
    """
    return (_EPOCH + timedelta(microseconds=place)).isoformat(" ", "minutes")
