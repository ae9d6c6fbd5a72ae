"""Which versions are compared with which, and why others cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.jobs.units import unbound
from argosy.views.entities import SUBJECT, pointed
from argosy_compare.layout import PAIR
from argosy_scoring.trial import SUSPECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.types import FleetState


def challenged(
    state: FleetState, models: pl.DataFrame, champion: str, challengers: Sequence[str]
) -> pl.DataFrame:
    """Return the models that have a challenger: `model`, `template` and `sides`.

    `sides` are structs of an `alias` and the version that it points at, the champion's first.

    Raises:
        UnknownName: for an alias that no model has.
        BadInput: if none of the models has a challenger.
    """
    aliases = (champion, *challengers)
    known = state["alias"]["alias"].unique().to_list()
    for alias in aliases:
        if alias not in known:
            raise UnknownName.among("alias", alias, known, "Set it with `argosy alias`")
    sided = models.select("model", "template")
    for place, alias in enumerate(aliases):
        side = pl.struct(pl.lit(alias).alias("alias"), *SUBJECT).alias(f"side {place}")
        versions = pointed(state, alias).select("model", side)
        sided = sided.join(versions, on="model", how="left", maintain_order="left")
    names = [f"side {place}" for place in range(len(aliases))]
    sided = sided.filter(pl.any_horizontal(pl.col(names[1:]).is_not_null()))
    if sided.is_empty():
        raise BadInput(
            f"no selected model has the alias {' or '.join(map(repr, challengers))};"
            " set it with `argosy alias`"
        )
    return sided.select("model", "template", sides=pl.concat_list(names).list.drop_nulls())


def paired_up(
    placed: pl.DataFrame, champion: str, data: str, quarantined: pl.DataFrame
) -> pl.DataFrame:
    """Return every pair that was asked for, and the `reason` why it cannot be looked at.

    Args:
        placed: `model`, `sides` and the `binding` of the data.
        champion: the alias of the version to beat.
        data: the role of the data.
        quarantined: `model`, `version` and `reason` of versions in quarantine.
    """
    sides = (
        placed.select("model", "sides", bare=pl.col("binding").is_null())
        .explode("sides")
        .unnest("sides")
    )
    champions = sides.filter(alias=champion).select("model", champion_version="version")
    pairs = (
        sides.filter(pl.col("alias") != champion)
        .select("model", "bare", challenger="alias", challenger_version="version")
        .join(champions, on="model", how="left", maintain_order="left")
    )
    for name in ("champion", "challenger"):
        barred = quarantined.select(
            "model",
            pl.col("version").alias(f"{name}_version"),
            pl.col("reason").alias(f"{name}_barred"),
        )
        pairs = pairs.join(
            barred, on=["model", f"{name}_version"], how="left", maintain_order="left"
        )
    reason = (
        pl.when(pl.col("champion_version").is_null())
        .then(pl.lit(f"no version of it has the alias {champion!r}"))
        .when("bare")
        .then(unbound(data))
        .when(pl.col("champion_version") == pl.col("challenger_version"))
        .then(pl.format("{} and {} are the same version", pl.lit(champion), "challenger"))
        .when(pl.col("champion_barred").is_not_null())
        .then(pl.format("the champion: {}", "champion_barred"))
        .when(pl.col("challenger_barred").is_not_null())
        .then(pl.format("the challenger: {}", "challenger_barred"))
    )
    return pairs.select(*PAIR, reason=reason)


def out_of_quarantine(placed: pl.DataFrame, quarantined: pl.DataFrame) -> pl.Series:
    """Return the `sides` of each model that are not in quarantine."""
    each = placed.select("model", "sides").explode("sides")
    version = pl.col("sides").struct.field("version")
    free = each.with_columns(version=version).join(
        quarantined, on=["model", "version"], how="anti", maintain_order="left"
    )
    sides = free.group_by("model", maintain_order=True).agg("sides")
    models = placed.select("model")
    return models.join(sides, on="model", how="left", maintain_order="left")["sides"]


def loaded(ready: pl.DataFrame) -> pl.DataFrame:
    """Return every version that is loaded, to be tried by itself where its model is lost."""
    versions = ready.select("model", "binding", "labels", "sides").explode("sides").unnest("sides")
    owned = versions.with_columns(owner="model", owner_version="version")
    return owned.select(SUSPECT).unique(["model", "version"], maintain_order=True)
