"""Read the times of rows: as instants, and off the clock of the zone that windows are cut in.

A column that names a zone keeps it. Times without one are local times of the zone that the binding
names (`zone`), of UTC where it names none. Where the clock was put back a local time is read as
the first of the two that it may be; one that the clock skipped is read by the clock before, so
that half past two is half past three. Such rows count, and a run says how many there were.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from argosy.errors import BadInput

UTC = "UTC"
_INSTANT = pl.Datetime("us", UTC)
_DAY = pl.duration(days=1)
_OFFSET = r"[T ].*(Z|[+-]\d{2}(:?\d{2})?)$"
"""How text ends that says how far its clock is from UTC."""


def zone_of(rows: pl.DataFrame, time: str, zone: str | None) -> str:
    """Return the zone by whose clock a column of times is cut into windows.

    Args:
        rows: that have the column.
        time: its name.
        zone: that of the binding, which is for columns that name none.

    >>> zone_of(pl.DataFrame(schema={"t": pl.Datetime("us", "Asia/Tokyo")}), "t", "Europe/Paris")
    'Asia/Tokyo'
    """
    kind = rows.schema[time]
    own = kind.time_zone if isinstance(kind, pl.Datetime) else None
    return own or zone or UTC


def instant(rows: pl.DataFrame, time: str, zone: str | None) -> pl.Expr:
    """Read a column of rows as instants, in UTC; text that is no time becomes null.

    Args:
        rows: that have the column.
        time: its name.
        zone: that of the binding; for columns, and text, that name none.

    Raises:
        BadInput: if it is neither a date, a time nor text.

    >>> rows = pl.DataFrame({"t": ["2024-03-31 01:30", "2024-03-31 02:30", "2024-03-31 03:30"]})
    >>> rows.select(instant(rows, "t", "Europe/Paris").dt.strftime("%H:%M"))["t"].to_list()
    ['00:30', '01:30', '01:30']
    """
    kind = rows.schema[time]
    column = pl.col(time)
    if kind == pl.String:
        read = column.str.to_datetime(strict=False, time_zone=UTC).cast(_INSTANT)
        if zone in (None, UTC):
            return read
        written = column.str.contains(_OFFSET)
        return (
            pl.when(written).then(read).otherwise(off_clock(read.dt.replace_time_zone(None), zone))
        )
    if not kind.is_temporal() or kind in (pl.Time, pl.Duration):
        raise BadInput(f"the timestamp {time!r} is {kind}; it must be a date or a time")
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return column.dt.convert_time_zone(UTC).cast(_INSTANT)
    return off_clock(column.cast(pl.Datetime("us")), zone)


def unclear(rows: pl.DataFrame, time: str, zone: str | None) -> pl.Expr:
    """Whether a row's time is one that the clock of its zone showed twice, or skipped.

    >>> rows = pl.DataFrame({"t": ["2024-10-27 01:30", "2024-10-27 02:30", "2024-10-27T02:30Z"]})
    >>> rows.select(unclear(rows, "t", "Europe/Paris"))["t"].to_list()
    [False, True, False]
    """
    kind = rows.schema[time]
    if zone in (None, UTC) or (isinstance(kind, pl.Datetime) and kind.time_zone):
        return pl.lit(value=False)
    column = pl.col(time)
    if kind == pl.String:
        read = column.str.to_datetime(strict=False, time_zone=UTC).dt.replace_time_zone(None)
        column = pl.when(~column.str.contains(_OFFSET)).then(read)
    local = column.cast(pl.Datetime("us"))
    return (local.is_not_null() & (twice(local, zone) | _read(local, zone).is_null())).alias(time)


def on_clock(times: pl.Expr, zone: str) -> pl.Expr:
    """Return what the clock of a zone shows at some instants, as times without a zone."""
    return times.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def off_clock(local: pl.Expr, zone: str | None) -> pl.Expr:
    """Return the instants, in UTC, at which the clock of a zone shows some times."""
    if zone in (None, UTC):
        return local.dt.replace_time_zone(UTC)
    before = _read(local - _DAY, zone) + _DAY  # the clock of the day before a skipped hour
    return pl.coalesce(_read(local, zone), before)


def twice(local: pl.Expr, zone: str | None) -> pl.Expr:
    """Whether the clock of a zone shows some times twice."""
    return _read(local, zone) != _read(local, zone, "latest")


def _read(
    local: pl.Expr, zone: str | None, ambiguous: Literal["earliest", "latest"] = "earliest"
) -> pl.Expr:
    here = local.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
    return here.dt.convert_time_zone(UTC)
