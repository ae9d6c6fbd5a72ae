"""Estimates of one model, and what came true of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.views.facts import of_last_run

if TYPE_CHECKING:
    from argosy.types import FleetView


def read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    """Return the last estimates of a version, and beside each what was measured of its data last.

    The columns are those of `estimates`, `realised` (null until it was measured), and `gap`, the
    realised value less the estimated one.
    """
    key = ["dataset", "window", "metric"]
    this = (pl.col("model") == model) & (pl.col("version") == pl.lit(version, pl.String))
    measured = fleet.evaluations().filter(this, slice="all", status="ok").sort("at")
    last = measured.group_by(key).agg(realised=pl.col("value").last())
    estimates = fleet.table("estimates").filter(this)
    both = estimates.join(last, on=key, how="left", nulls_equal=True)
    rows = both.with_columns(gap=pl.col("realised") - pl.col("value"))
    order = ("dataset", "estimator", "window", "metric")
    return of_last_run(rows, fleet.runs()).sort(order).collect()
