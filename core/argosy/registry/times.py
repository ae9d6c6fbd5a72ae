"""Periods as people write them, and times in SQL: plain, in UTC, so that they compare with text."""

from __future__ import annotations

from typing import TypeVar

import polars as pl

PERIOD = r"(\d+(mo|[mhdwqy]))+"
"""How a length of time is written: `30d`, `6h`, `1mo`, `1w2d`."""

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
