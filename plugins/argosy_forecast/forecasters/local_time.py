"""What a clock on the wall and a calendar say at times: hour, weekday, season, holidays."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import ArgosyError, BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_DAY = 86_400_000_000
_WEEKDAY_OF_1970 = 3
"""1 January 1970 was a Thursday; Monday is 0."""


class LocalTime(NamedTuple):
    """Local time of one zone at N times."""

    hour: Floats
    """Of the day, with its fraction."""
    date: Ints
    """Days since 1970."""
    summer: Floats
    """Hours that the clock is ahead of the zone's least offset among these times' years."""
    year: Floats
    """How much of the year has gone, from 0 to 1."""

    @property
    def weekday(self) -> Ints:
        """Monday is 0."""
        return (self.date + _WEEKDAY_OF_1970) % 7


def local_time(times: Ints, zone: str) -> LocalTime:
    """Read times, in microseconds since 1970 in UTC, off the clocks of a zone.

    Raises:
        BadInput: for a zone that does not exist.

    Example:
        >>> noon = np.array([np.datetime64("2024-07-01T16:00", "us").astype(int)])
        >>> there = local_time(noon, "America/New_York")
        >>> there.hour.item(), there.weekday.item(), there.summer.item()
        (12.0, 0, 1.0)
    """
    utc = pl.Series(times).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    try:
        wall = utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    except (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError) as error:
        raise BadInput(
            f"zone {zone!r} is not one: give a name of the tz database, such as Europe/Berlin"
        ) from error
    local: Ints = wall.to_physical().to_numpy()
    date, within = np.divmod(local, _DAY)
    offset = (local - times) / 3.6e9
    gone = wall.dt.ordinal_day().to_numpy().astype(np.float64)
    return LocalTime(within / 3.6e9, date, offset - _standard(zone), gone / 366)


@cache
def _standard(zone: str) -> float:
    """Return the zone's least offset of a year, against which one time alone is summer's or not."""
    days = [dt.datetime(2020, month, 1, tzinfo=dt.UTC) for month in range(1, 13)]
    there = pl.Series(days).dt.convert_time_zone(zone)
    gaps = (there.dt.base_utc_offset() + there.dt.dst_offset()).dt.total_seconds()
    return float(gaps.to_numpy().min()) / 3600


def holidays(country: str, first: int, last: int) -> Ints:
    """Return the public holidays of a country, in days since 1970.

    Args:
        country: an ISO code, with a subdivision after a dash where there is one: `US`, `AU-VIC`;
            "" has none.
        first: the first day of which it is asked.
        last: the last.

    Raises:
        ArgosyError: if the library `holidays` is not installed.
        BadInput: for a country that it does not know.
    """
    if not country:
        return np.zeros(0, np.int64)
    years = range(
        *(np.array([first, last + 400]).astype("M8[D]").astype("M8[Y]").astype(int) + 1970)
    )
    return np.array([day for year in years for day in _year(country, year)], np.int64)


@cache
def _year(country: str, year: int) -> tuple[int, ...]:
    try:
        import holidays as library
    except ImportError as error:
        raise ArgosyError(
            f"holidays of {country} need the library holidays, which is not installed;"
            " install argosy with the extra `forecast`"
        ) from error
    code, _, part = country.partition("-")
    try:
        found = library.country_holidays(code, subdiv=part or None, years=year)
    except NotImplementedError as error:
        raise BadInput(
            f"holidays of {country!r} are not known: give an ISO code, such as US or AU-VIC"
        ) from error
    return tuple(sorted((day - dt.date(1970, 1, 1)).days for day in found))
