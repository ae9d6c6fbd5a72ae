"""What groups of forecasts are made of: blocks of horizons, seasons, hours of the day, days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

SEASONS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")
"""By their months, since winter is not at one time everywhere."""


def blocks(points: pl.DataFrame, ends: Sequence[int]) -> pl.DataFrame:
    """Add `block`: the last horizon of the block that a forecast's horizon lies in.

    Args:
        points: with `horizon`.
        ends: the last horizon of each block, ascending.

    Raises:
        BadInput: if the ends do not ascend, or a horizon lies beyond the last one.

    Example:
        >>> blocks(pl.DataFrame({"horizon": [1, 6, 7, 24]}), [6, 24])["block"].to_list()
        [6, 6, 24, 24]
    """
    wanted = pl.Series("block", ends, pl.Int64)
    if not len(wanted) or wanted[0] < 1 or not (wanted.diff().drop_nulls() > 0).all():
        raise BadInput(
            f"blocks of horizons end at ascending numbers from 1 on, unlike {list(ends)}"
        )
    furthest = points["horizon"].max()
    if isinstance(furthest, int) and furthest > wanted[-1]:
        raise BadInput(f"no block holds the horizon {furthest}: the last one ends at {wanted[-1]}")
    place = wanted.search_sorted(points["horizon"].cast(pl.Int64))
    return points.with_columns(block=wanted[place])


def horizon_days(points: pl.DataFrame, steps: int) -> pl.DataFrame:
    """Add `day` and `day_steps`: the days that follow the origin, of so many steps each.

    Example:
        >>> points = pl.DataFrame({"horizon": [1, 24, 25]})
        >>> horizon_days(points, 24)["day"].to_list()
        [0, 0, 1]
    """
    if steps < 1:
        raise BadInput(f"a day has at least one step, not {steps}")
    day = (pl.col("horizon").cast(pl.Int64) - 1) // steps
    return points.with_columns(day=day, day_steps=pl.lit(steps, pl.Int64))


def local_times(points: pl.DataFrame, zones: pl.DataFrame, step: timedelta) -> pl.DataFrame:
    """Add `season`, `hour`, `day` and `day_steps` by the clock of each series' zone.

    A day is one of the calendar there, which a change of the clock makes longer or shorter.

    Args:
        points: with `series` and `time` (UTC).
        zones: `series` and `zone`, a name of IANA such as `America/Chicago`.
        step: from one time to the next.

    Raises:
        BadInput: if a series has no zone, or one that there is not.

    Example:
        >>> from datetime import UTC, datetime
        >>> points = pl.DataFrame({"series": "a", "time": [datetime(2024, 3, 10, 5, tzinfo=UTC)]})
        >>> zones = pl.DataFrame({"series": "a", "zone": "America/New_York"})
        >>> local_times(points, zones, timedelta(hours=1)).drop("time").row(0)
        ('a', 'Mar-May', 0, datetime.date(2024, 3, 10), 23)
    """
    placed = points.join(
        zones.select("series", argosy_zone="zone"),
        on="series",
        how="left",
        maintain_order="left",
        validate="m:1",
    )
    bare = placed.filter(pl.col("argosy_zone").is_null())["series"].unique().sort()
    if len(bare):
        told = ", ".join(bare.head(3))
        raise BadInput(f"{len(bare)} series have no zone, such as {told}; name one, or 'UTC'")
    numbered = placed.with_row_index("argosy_row")
    parts = [
        _by_clock(part, part["argosy_zone"][0], step)
        for part in numbered.partition_by("argosy_zone")
    ]
    whole = pl.concat(parts) if parts else _by_clock(numbered, "UTC", step)
    return whole.sort("argosy_row").drop("argosy_row", "argosy_zone")


def _by_clock(part: pl.DataFrame, zone: str, step: timedelta) -> pl.DataFrame:
    """Read the times of series that have one zone."""
    try:
        here = part["time"].dt.convert_time_zone(zone)
        here.head(1).dt.offset_by("1d")  # some builds of the engine look a zone up only here
    except pl.exceptions.PolarsError as error:
        series = part["series"][0]
        raise BadInput(f"the zone {zone!r} of {series} is none that IANA knows") from error
    begins = here.dt.truncate("1d")
    length = here.dt.offset_by("1d").dt.truncate("1d") - begins
    return part.with_columns(
        season=(here.dt.month() % 12 // 3)
        .cast(pl.Int64)
        .replace_strict(dict(enumerate(SEASONS)), return_dtype=pl.String),
        hour=here.dt.hour().cast(pl.Int64),
        day=here.dt.date(),
        day_steps=length.dt.total_microseconds() // (step // timedelta(microseconds=1)),
    )
