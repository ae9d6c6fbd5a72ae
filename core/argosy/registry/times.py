"""Periods as people write them, and times in SQL: plain, in UTC, so that they compare with text."""

from __future__ import annotations

import re
from typing import TypeVar

import polars as pl

PERIOD = r"(\d+(mo|[mhdwqy]))+"
"""How a length of time is written: `30d`, `6h`, `1mo`, `1w2d`."""

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

    >>> length("1w2d"), length("6h"), length("weekly")
    (9.0, 0.25, None)
    """
    if period is None or not re.fullmatch(PERIOD, period):
        return None
    parts = re.findall(r"(\d+)(mo|[mhdwqy])", period)
    return float(sum(int(many) * _DAYS[unit] for many, unit in parts))
