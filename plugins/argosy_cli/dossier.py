"""What the core knows of one model: its versions, and how one of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

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
    this = mine & (pl.col("version") == pl.lit(version, pl.String))
    verdict = of_version(fleet, model, version)
    concept = fleet.concept_drift().filter(this)["reason"]
    return {
        **entity.row(0, named=True),
        "version": version,
        "aliases": dict(aliases.select("alias", "version").iter_rows()),
        "drifted": verdict["drifted"],
        "verdict": verdict["reason"],
        "concept": concept.item() if len(concept) else None,
        "versions": fleet.versions().filter(mine).collect().to_dicts(),
    }
