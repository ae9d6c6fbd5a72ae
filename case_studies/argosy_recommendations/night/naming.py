"""The name of a night's versions: its date, and a number if the night is played again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from argosy import Fleet
    from argosy_recommendations.generator.feeds import Night


def version_of(fleet: Fleet, night: Night) -> str:
    """Return the name of the versions that a night has made, or will make.

    The name of a version that was rolled back is never used again, since evaluations tell of it:
    the night that is played a second time makes `2026-11-26.2`.
    """
    date = str(night.date)
    made = fleet.events().filter(kind="version", group=night.group)
    names = made.select(pl.col("key").str.split("@").list.last()).unique().collect()["key"]
    alive = fleet.versions().select("version").unique().collect()["version"]
    spent = {*names} - {*alive}
    tries = (date if count == 1 else f"{date}.{count}" for count in range(1, len(spent) + 2))
    return next(name for name in tries if name not in spent)
