"""All that is known of one model: its versions, what was measured of one of them, how it fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.views.facts import of_last_run
from argosy.views.verdicts import of_version

if TYPE_CHECKING:
    from argosy.types import FleetView


def dossier(fleet: FleetView, model: str, alias: str | None = None) -> dict[str, Any]:
    """Return what is known of a model, and of the version that an alias points at, else the newest.

    Raises:
        UnknownName: if there is no such model or alias.
    """
    mine = pl.col("model") == model
    entity = fleet.models().filter(mine).collect()
    if alias is not None or entity.is_empty():
        version = fleet.get(model, alias)["version"]
    else:
        version = entity["newest_version"].item()
    aliases = fleet.aliases().filter(mine).collect()
    verdict = of_version(fleet, model, version)
    concept = fleet.concept_drift().filter(model=model, version=version)["reason"]
    this = mine & (pl.col("version") == version)
    evaluations = fleet.evaluations().filter(this, slice="all")
    return {
        **entity.row(0, named=True),
        "version": version,
        "aliases": dict(aliases.select("alias", "version").iter_rows()),
        "drifted": verdict["drifted"],
        "verdict": verdict["reason"],
        "concept": concept.item() if len(concept) else None,
        "versions": fleet.versions().filter(mine).collect().to_dicts(),
        "evaluations": _last(fleet, evaluations, ["dataset", "metric", "window_start"]),
        "estimates": _last(
            fleet, with_realised(fleet, this), ["dataset", "estimator", "window", "metric"]
        ),
        "drift": _last(fleet, fleet.drift().filter(this), ["column", "detector"]),
    }


def with_realised(fleet: FleetView, this: pl.Expr) -> pl.LazyFrame:
    """Put beside each estimate of some versions what was measured last of the same data."""
    key = ["dataset", "window", "metric"]
    measured = fleet.evaluations().filter(this, slice="all", status="ok").sort("at")
    last = measured.group_by(key).agg(realised=pl.col("value").last())
    estimates = fleet.table("estimates").filter(this)
    both = estimates.join(last, on=key, how="left", nulls_equal=True)
    return both.with_columns(gap=pl.col("realised") - pl.col("value"))


def _last(fleet: FleetView, rows: pl.LazyFrame, order: list[str]) -> list[dict[str, Any]]:
    return of_last_run(rows, fleet.runs()).sort(order).collect().to_dicts()
