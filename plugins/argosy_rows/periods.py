"""Windows of time: where they begin and end, and what they are called.

Days, weeks, months and windows of several whole hours go by the clock of a zone: a day in which
the clock is changed has 23 or 25 hours, and the six hours after midnight are five or seven. Windows
of an hour, of a part of it, or of no whole number of hours are all equally long; where the clock
shows an hour twice, the second has its distance from UTC in its label.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any

import polars as pl

from argosy.data.times import UTC, off_clock, on_clock, twice
from argosy.data.years import within_years
from argosy.registry.times import PERIOD, length

LABELS: dict[str, Any] = {
    "window": pl.String,
    "window_start": pl.Datetime("us", "UTC"),
    "window_end": pl.Datetime("us", "UTC"),
}
_PERIOD = re.compile(PERIOD)
_HOUR = 60
_MINUTES = {"m": 1, "h": _HOUR, "d": 24 * _HOUR, "w": 7 * 24 * _HOUR}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_SOME_DAY = datetime(2026, 1, 1)
_LABEL = "%Y-%m-%d %H:%M"
_LENGTH = len("2026-01-01 00:00")


def is_period(text: str) -> bool:
    """Whether a text names a length of time, as polars writes it."""
    return _PERIOD.fullmatch(text) is not None


def counted(period: str) -> tuple[int, int]:
    """Return the months and the minutes of a period; only the minutes have one length.

    >>> counted("1q"), counted("1w2d"), counted("0d")
    ((3, 0), (0, 12960), (0, 0))
    """
    parts = [(int(many), unit) for many, unit in re.findall(r"(\d+)(mo|[mhdwqy])", period)]
    months = sum(many * _MONTHS.get(unit, 0) for many, unit in parts)
    return months, sum(many * _MINUTES.get(unit, 0) for many, unit in parts)


@cache
def lasts(period: str) -> bool:
    """Whether times can be cut into such periods.

    They cannot where units are mixed, nor where a period has no length or more than a thousand
    years.
    """
    if counted(period) == (0, 0) or length(period) is None:
        return False
    try:
        pl.select(pl.lit(_SOME_DAY).dt.truncate(period))
    except pl.exceptions.PolarsError:
        return False
    return True


def by_clock(period: str) -> bool:
    """Whether windows go by the clock, or are all equally long.

    >>> [period for period in ("30m", "1h", "90m", "6h", "1d", "1mo") if by_clock(period)]
    ['6h', '1d', '1mo']
    """
    months, minutes = counted(period)
    return months > 0 or (minutes > _HOUR and minutes % _HOUR == 0)


def starts(times: pl.Expr, period: str, zone: str = UTC) -> pl.Expr:
    """Return when the windows begin that some times are in.

    Args:
        times: instants, in UTC.
        period: how long the windows are.
        zone: whose clock they go by.

    Returns:
        Instants in the zone, which `of_period` wants.

    >>> rows = pl.DataFrame({"t": [datetime(2024, 3, 31, 22)]}).cast(LABELS["window_start"])
    >>> rows.select(starts(pl.col("t"), "1d", "Europe/Paris").dt.strftime("%m-%d %H:%M"))["t"][0]
    '04-01 00:00'
    """
    if zone == UTC:
        return times.dt.truncate(period)
    if by_clock(period):
        begun = off_clock(on_clock(times, zone).dt.truncate(period), zone)
    else:  # by the clock that is never changed
        base = times.dt.convert_time_zone(zone).dt.base_utc_offset()
        begun = (times + base).dt.truncate(period) - base
    return begun.dt.cast_time_unit("us").dt.convert_time_zone(zone)


def of_period(start: pl.Expr, period: str, zone: str = UTC) -> dict[str, pl.Expr]:
    """Return the columns of `LABELS` for windows of time that begin then, as `starts` says.

    The last window of the year 9999 ends with it, since `datetime` knows no later time.
    """
    label, begun, end = _told(start, period, zone)
    return {"window": label, "window_start": within_years(begun), "window_end": within_years(end)}


def _told(start: pl.Expr, period: str, zone: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return the labels of windows, and when they begin and end."""
    if zone == UTC:
        return _named(start), start, start.dt.offset_by(period)
    begun = start.dt.convert_time_zone(UTC)
    if by_clock(period):  # where midnight is skipped, the day is still called by its date
        face = on_clock(start, zone).dt.truncate(period)
        end = off_clock(face.dt.offset_by(period), zone)
        return _named(face), begun, end
    face = on_clock(start, zone)
    again = twice(face, zone) & (off_clock(face, zone) != begun)
    apart = pl.concat_str(_named(face), start.dt.convert_time_zone(zone).dt.strftime(" %:z"))
    label = pl.when(again).then(apart).otherwise(_named(face))
    return label, begun, begun.dt.offset_by(period)


def face(label: pl.Expr) -> pl.Expr:
    """Return what the clock showed when a window of time began, by its label.

    >>> labels = pl.DataFrame({"window": ["2024-03-31", "2024-10-27 02:00 +01:00"]})
    >>> labels.select(face(pl.col("window")).dt.strftime("%m-%d %H:%M"))["window"].to_list()
    ['03-31 00:00', '10-27 02:00']
    """
    whole = pl.concat_str(label, pl.lit(" 00:00")).str.slice(0, _LENGTH)
    return whole.str.to_datetime(_LABEL, time_unit="us", strict=False)


def _named(start: pl.Expr) -> pl.Expr:
    return start.dt.strftime(_LABEL).str.strip_suffix(" 00:00")
