"""Read the times of rows: as instants, and off the clock of the zone that windows are cut in.

A column that names a zone keeps it. Times without one are local times of the zone that the binding
names (`zone`), of UTC where it names none. Where the clock was put back a local time is read as
the first of the two that it may be; one that the clock skipped is read by the clock before, so
that half past two is half past three. Such rows count, and a run says how many there were.

Text is read as `argosy.data.text_times` says, or by the binding's `timestamp_format`. Numbers are
times only where that says what they count. Outside of the years 1 to 9999 there is no time.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from argosy.data.text_times import LOCAL_TIME, UTC_TIME, Read, read_format, read_text
from argosy.data.years import LAST_TIME, in_years, outside
from argosy.errors import BadInput
from argosy.registry.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping

UTC = "UTC"
ORDER, UNREADABLE = "argosy_order", "argosy_unreadable"
"""What reading rows adds to their binding: which comes first of day and month, and why their times
cannot be read (`argosy.data.time_readings`)."""
_SOME_TIME = datetime(2026, 11, 23, 13, 45, 30)
_DAY = pl.duration(days=1)
_TEXT = (pl.String, pl.Categorical, pl.Enum)
_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def zone_of(rows: pl.DataFrame, binding: Mapping[str, Any]) -> str:
    """Return the zone by whose clock the times of rows are cut into windows.

    Args:
        rows: that have the column.
        binding: names it as `timestamp`, and the `zone` of columns that name none.

    >>> rows = pl.DataFrame(schema={"t": pl.Datetime("us", "Asia/Tokyo")})
    >>> zone_of(rows, {"timestamp": "t", "zone": "Europe/Paris"})
    'Asia/Tokyo'
    """
    kind = rows.schema[binding["timestamp"]]
    own = kind.time_zone if isinstance(kind, pl.Datetime) else None
    return own or binding.get("zone") or UTC


def steps(rows: pl.DataFrame, binding: Mapping[str, Any]) -> bool:
    """Whether the timestamps of rows are whole numbers that say their order only."""
    kind = rows.schema[binding["timestamp"]]
    return kind.is_integer() and not binding.get("timestamp_format")


def chronological(rows: pl.DataFrame, binding: Mapping[str, Any]) -> pl.Expr:
    """Return what rows are put in order by: instants, or numbers where these are no times.

    Raises:
        BadInput: as `instant` does.
    """
    number = rows.schema[binding["timestamp"]].is_numeric()
    plain = number and not binding.get("timestamp_format")
    return pl.col(binding["timestamp"]) if plain else instant(rows, binding)


def is_text(kind: pl.DataType | type[pl.DataType], form: str | None) -> bool:
    """Whether times of a type are read as text: text is, and numbers such as 20240131 by a format.

    >>> is_text(pl.String(), None), is_text(pl.Int64(), "%Y%m%d"), is_text(pl.Int64(), "epoch:s")
    (True, True, False)
    """
    if (form or "").startswith(EPOCH):
        return False
    return kind in _TEXT or (form is not None and kind.is_integer())


def instant(rows: pl.DataFrame, binding: Mapping[str, Any]) -> pl.Expr:
    """Read the times of rows as instants, in UTC; what is no time becomes null.

    Args:
        rows: that have the column; the expression is for them, or some of them.
        binding: names it as `timestamp`, and perhaps the `zone` of columns, and of text, that name
            none, and the `timestamp_format`.

    Raises:
        BadInput: if it is neither a date, a time nor text, or its text cannot be understood.

    >>> rows = pl.DataFrame({"t": ["2024-03-31 01:30", "2024-03-31 02:30", "2024-03-31 03:30"]})
    >>> read = instant(rows, {"timestamp": "t", "zone": "Europe/Paris"})
    >>> rows.select(read.dt.strftime("%H:%M"))["t"].to_list()
    ['00:30', '01:30', '01:30']
    """
    time, zone, form = binding["timestamp"], binding.get("zone"), binding.get("timestamp_format")
    if binding.get(UNREADABLE):
        raise BadInput(binding[UNREADABLE])
    kind, column = rows.schema[time], pl.col(time)
    if is_text(kind, form):
        return column.map_batches(partial(_of_text, binding=binding), UTC_TIME)
    if (form or "").startswith(EPOCH) and (kind.is_numeric() or kind in _TEXT):
        counted = _counted(column, kind, str(form).removeprefix(EPOCH))
        return counted.map_batches(in_years, UTC_TIME)
    if not kind.is_temporal() or kind in (pl.Time, pl.Duration):
        raise BadInput(not_a_time(time, kind))
    if outside(rows[time]):
        column = column.map_batches(in_years, kind)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return column.dt.convert_time_zone(UTC).cast(UTC_TIME)
    return off_clock(column.cast(LOCAL_TIME), zone)


def not_a_time(time: str, kind: pl.DataType) -> str:
    """Say that a column is of a type that holds no times, and what helps."""
    if kind == pl.Null:
        return f"the timestamp {time!r} has no value at all"
    told = f"the timestamp {time!r} is {kind}; it must be a date or a time"
    if not kind.is_numeric():
        return told
    return f"{told}, or its binding say what it counts: timestamp_format epoch:s, ms, us or ns"


def unclear(rows: pl.DataFrame, binding: Mapping[str, Any]) -> pl.Expr:
    """Whether a row's time is one that the clock of its zone showed twice, or skipped.

    >>> rows = pl.DataFrame({"t": ["2024-10-27 01:30", "2024-10-27 02:30", "2024-10-27T02:30Z"]})
    >>> rows.select(unclear(rows, {"timestamp": "t", "zone": "Europe/Paris"}))["t"].to_list()
    [False, True, False]
    """
    time, zone, form = binding["timestamp"], binding.get("zone"), binding.get("timestamp_format")
    kind = rows.schema[time]
    aware = isinstance(kind, pl.Datetime) and kind.time_zone
    if zone in (None, UTC) or aware or (form or "").startswith(EPOCH):
        return pl.lit(value=False)
    if is_text(kind, form):
        local = pl.col(time).map_batches(partial(_on_a_clock, binding=binding), LOCAL_TIME)
    else:
        local = pl.lit(in_years(rows[time])).cast(LOCAL_TIME)
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


def _of_text(column: pl.Series, binding: Mapping[str, Any]) -> pl.Series:
    """Read text as instants."""
    times, offset = _written(column, binding)
    zone = binding.get("zone")
    here = times.dt.replace_time_zone(UTC)
    if zone in (None, UTC) or offset.all():
        return here
    local = off_clock(pl.lit(times), zone)
    return pl.select(pl.when(pl.lit(offset)).then(pl.lit(here)).otherwise(local)).to_series()


def _on_a_clock(column: pl.Series, binding: Mapping[str, Any]) -> pl.Series:
    """Read text that says no offset, as a clock showed it."""
    times, offset = _written(column, binding)
    return pl.select(pl.when(pl.lit(~offset)).then(pl.lit(times))).to_series()


def _written(column: pl.Series, binding: Mapping[str, Any]) -> Read:
    text, form = column.cast(pl.String), binding.get("timestamp_format")
    if form and column.dtype.is_integer():  # 9 January, written %d%m%Y, has lost its zero
        text = text.str.zfill(len(_SOME_TIME.strftime(form)))
    times, offset = read_format(text, form) if form else read_text(text, binding.get(ORDER))
    return Read(in_years(times), offset)


def _counted(number: pl.Expr, kind: pl.DataType, unit: str) -> pl.Expr:
    """Return the instants that numbers count in a unit since 1970."""
    if kind in _TEXT:
        text = number.cast(pl.String).str.strip_chars()
        kinds = (pl.Int64, pl.Float64)
        return pl.coalesce(_scaled(text.cast(kind, strict=False), unit) for kind in kinds)
    return _scaled(number.cast(pl.Int64 if kind.is_integer() else pl.Float64, strict=False), unit)


def _scaled(number: pl.Expr, unit: str) -> pl.Expr:
    if unit == "ns":
        scaled = number // 1000
    else:
        factor = _MICROSECONDS[unit]
        scaled = pl.when(number.abs() <= LAST_TIME // factor).then(number * factor)
    return scaled.round().cast(pl.Int64, strict=False).cast(UTC_TIME)


def _read(
    local: pl.Expr, zone: str | None, ambiguous: Literal["earliest", "latest"] = "earliest"
) -> pl.Expr:
    here = local.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
    return here.dt.convert_time_zone(UTC)
