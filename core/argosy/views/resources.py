"""The resources that models ask for: tags such as `resources.memory = 8e9`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.views.entities import newest

if TYPE_CHECKING:
    from argosy.types import FleetState

PREFIX = "resources."
"""Tags so named are numbers: cores (`cpu`), `gpu`s, bytes of `memory`, or a cluster's own."""


def needs(state: FleetState) -> pl.DataFrame | None:
    """Return what each model asks for, or None if no model asks for anything.

    Returns:
        `model`; `argosy_needs`, a struct of numbers; and `argosy_environment`, as registered.
        A tag that is not a number is ignored.
    """
    told = newest(state).select("model", argosy_environment="environment")
    versions = state["model"].select("model").join(told, on="model", how="left")
    tagged = (
        state["model"]
        .filter(pl.col("tags").is_not_null())
        .select("model", tag=pl.col("tags").map.entries())
        .explode("tag", empty_as_null=False)
        .unnest("tag")
        .filter(pl.col("key").str.starts_with(PREFIX))
    )
    if tagged.is_empty():
        if versions["argosy_environment"].null_count() == versions.height:
            return None
        return versions.select("model", "argosy_environment")
    names = pl.col("key").str.strip_prefix(PREFIX)
    numbers = tagged.with_columns(names, pl.col("value").cast(pl.Float64, strict=False))
    wide = numbers.sort("key").pivot("key", index="model", values="value")
    told = wide.select("model", argosy_needs=pl.struct(pl.all().exclude("model")))
    return versions.join(told, on="model", how="left").select(
        "model", "argosy_needs", "argosy_environment"
    )
