"""Periods as people write them, and times in SQL: plain, in UTC, so that they compare with text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TypeVar

import polars as pl

from argosy.types.moments import LONGEST

PERIOD = r"(\d+(mo|[mhdwqy]))+"
"""How a length of time is written: `30d`, `6h`, `1mo`, `1w2d`."""

EPOCH = "epoch:"
"""How a `timestamp_format` begins that is for times counted since 1970, before the unit."""
EPOCH_UNITS = ("s", "ms", "us", "ns")
_SOME_TIMES = (datetime(2026, 11, 23, 13, 45, 30), datetime(2027, 4, 9, 5, 59))
"""No two of their parts are alike."""

_DAYS = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "mo": 30, "q": 91, "y": 365}

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def without_zone(frame: Frame) -> Frame:
    """Make times of a zone plain ones in UTC.

    >>> frame = pl.DataFrame({"at": [0]}).select(pl.from_epoch("at").dt.replace_time_zone("UTC"))
    >>> without_zone(frame).sql("SELECT COUNT(*) AS n FROM self WHERE at < '2026-11-01'")["n"][0]
    1
    """
    zoned = [
        name
        for name, kind in frame.collect_schema().items()
        if isinstance(kind, pl.Datetime) and kind.time_zone
    ]
    return frame.with_columns(pl.col(zoned).dt.convert_time_zone("UTC").dt.replace_time_zone(None))


def in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    """Say of plain times that they are UTC."""
    plain = [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime) and not kind.time_zone
    ]
    return frame.with_columns(pl.col(plain).dt.replace_time_zone("UTC"))


def length(period: str | None) -> float | None:
    """Return the days of a period, a month being 30; None for what is no period.

    Nor is what lasts longer than a thousand years.

    >>> length("1w2d"), length("6h"), length("weekly"), length("5000y")
    (9.0, 0.25, None, None)
    """
    if period is None or not re.fullmatch(PERIOD, period):
        return None
    parts = re.findall(r"(\d+)(mo|[mhdwqy])", period)
    days = float(sum(int(many) * _DAYS[unit] for many, unit in parts))
    return days if days <= LONGEST.days else None


def format_fault(form: str) -> str | None:
    """Say why times cannot be read by a `timestamp_format`, or None if they can.

    >>> format_fault("%d/%m/%Y %H:%M"), format_fault("epoch:ms")
    (None, None)
    >>> format_fault("%d/%m")
    "the timestamp_format '%d/%m' does not say year, month and day of a time"
    """
    unit = form.removeprefix(EPOCH)
    if unit != form:
        known = ", ".join(f"{EPOCH}{one}" for one in EPOCH_UNITS)
        return None if unit in EPOCH_UNITS else f"no timestamp_format is {form!r}; known: {known}"
    times = pl.Series(_SOME_TIMES, dtype=pl.Datetime("us", "UTC"))
    try:
        if "%Z" in form or "%s" in form:  # EST would be read as UTC, and seconds as local time
            raise pl.exceptions.ComputeError
        written = times.dt.strftime(form)
        read = written.str.to_datetime(form, time_unit="us", strict=False, time_zone="UTC")
    except pl.exceptions.PolarsError:
        return (
            f"the timestamp_format {form!r} cannot be read by; write it as '%d/%m/%Y %H:%M', with"
            f" an offset as %z, or {EPOCH}s, ms, us or ns"
        )
    if not read.dt.date().equals(times.dt.date()):
        return f"the timestamp_format {form!r} does not say year, month and day of a time"
    return None
