"""Models that have no rows in the newest window of their file, though others have: they stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy_rows.extent import silent
from argosy_rows.periods import LABELS, is_period
from argosy_scoring.slices import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNIT = ["model", "version"]


def stopped(
    ready: pl.DataFrame, found: Iterable[pl.DataFrame], past: pl.LazyFrame, window: str | None
) -> pl.DataFrame:
    """Return a row of the table `evaluations` for each model that has stopped, with its reason.

    Args:
        ready: `model`, `version` and `extent`: how far the file of its rows goes.
        found: the rows that this run measured, a chunk at a time.
        past: those that earlier runs measured on the same data.
        window: how rows were cut.
    """
    nothing = ready.select(_UNIT).clear()
    if window is None or not is_period(window):
        return nothing
    held = pl.col("extent").struct
    names = dict(zip(LABELS, ("newest_window", "newest", "newest_end"), strict=True))
    newest = ready.select(
        *_UNIT, **{name: held.field(field) for name, field in names.items()}
    ).drop_nulls()
    if newest.is_empty():
        return nothing
    began = [*_UNIT, "window", "window_start"]
    starts = [part.select(began).drop_nulls() for part in found]
    mine = past.join(newest.lazy(), on=_UNIT, how="semi").filter(pl.col("n") > 0)
    starts.append(mine.select(began).drop_nulls().collect())
    last = (
        pl.concat(starts)
        .sort("window_start")
        .group_by(_UNIT)
        .agg(last=pl.col("window").last(), last_start=pl.col("window_start").last())
    )
    gone = newest.join(last, on=_UNIT).filter(pl.col("last_start") < pl.col("window_start"))
    return gone.select(
        *_UNIT,
        *LABELS,
        whole=pl.lit(value=True),
        slice=pl.lit(ALL),
        n=pl.lit(0, pl.Int64),
        status=pl.lit("insufficient"),
        reason=silent(pl.col("last")),
    )
