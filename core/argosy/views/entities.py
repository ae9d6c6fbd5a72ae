"""The tables of entities that users see: folds of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.registry.bindings import FIELDS
from argosy.registry.templates import FIELDS as TEMPLATE_FIELDS
from argosy.store.entity_kinds import from_payload
from argosy.store.roots import default_root
from argosy.tables import (
    ALIAS,
    BINDING,
    COMMIT,
    MODEL,
    POLICY,
    PROMOTION,
    QUARANTINE,
    RUN,
    TEMPLATE,
    VERSION,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from argosy.store.state import State
    from argosy.types import EntityKind, FleetState

SUBJECT = ("version", "task", "format", "artifact", "digest", "features")
"""What a job knows of a version."""


def versions(state: State) -> pl.DataFrame:
    """Every version, oldest first; `version_number` is null unless the name is a number."""
    return (
        state["version"]
        .sort("seq", "ord")
        .select(
            *VERSION.names,
            version_number=pl.col("version").cast(pl.Int64, strict=False),
            registered="at",
            registered_by="actor",
        )
    )


def newest(state: FleetState) -> pl.DataFrame:
    """Return the version of each model that was registered last."""
    versions = state["version"]
    order = versions.select("model", "seq", "ord").with_row_index("row").sort("seq", "ord")
    return versions[order.unique("model", keep="last", maintain_order=True)["row"]]


def in_use(state: FleetState) -> pl.DataFrame:
    """Return `model` and `version` of the newest versions, and of those that aliases point at."""
    used = [newest(state), state["alias"]]
    return pl.concat([each.select("model", "version") for each in used]).unique()


def pointed(state: FleetState, alias: str) -> pl.DataFrame:
    """Return the version that an alias points at, for each model that has the alias."""
    chosen = state["alias"].filter(alias=alias).select("model", "version")
    return state["version"].join(chosen, on=["model", "version"], how="semi")


def subjects(state: FleetState, units: pl.DataFrame, alias: str | None) -> pl.DataFrame:
    """Return the versions that a job is about: the newest ones, or those that an alias points at.

    Args:
        state: of the fleet.
        units: the selected models with their newest version, and `template`.
        alias: models that do not have it are left out.

    Raises:
        UnknownName: for an alias that no model has.
        BadInput: if none of the selected models has it.
    """
    if alias is None:
        return units.select("model", "template", *SUBJECT)
    known = state["alias"]["alias"].unique().to_list()
    if alias not in known:
        raise UnknownName.among("alias", alias, known, "Set it with `argosy alias`")
    chosen = pointed(state, alias).select("model", *SUBJECT)
    found = units.select("model", "template").join(
        chosen, on="model", how="inner", maintain_order="left"
    )
    if found.is_empty():
        raise BadInput(f"no selected model has the alias {alias!r}; set it with `argosy alias`")
    return found


def counted(state: State) -> pl.DataFrame:
    """Return `newest_version`, `versions` and `created` of each model that has a version."""
    ordered = state["version"].select("model", "version", "seq", "ord", "at").sort("seq", "ord")
    return ordered.group_by("model").agg(
        newest_version=pl.col("version").last(),
        versions=pl.len().cast(pl.Int64),
        created=pl.col("at").first(),
    )


def own(state: State, columns: Collection[str]) -> pl.DataFrame:
    """Return some columns that models have of their own, in no particular order."""
    rows = state["model"].select(columns)
    return rows.with_columns(pl.col("retired").fill_null(False)) if "retired" in columns else rows


def models(state: State, counted: pl.DataFrame) -> pl.DataFrame:
    """Every model with its newest version, ordered by name."""
    return (
        state["model"]
        .select(*MODEL.names, updated="at")
        .sort("model")
        .with_columns(pl.col("retired").fill_null(False))  # so that NOT retired finds them
        .join(counted, on="model", how="left", maintain_order="left")
        .with_columns(pl.col("versions").fill_null(0))
    )


def aliases(state: State) -> pl.DataFrame:
    """Every alias of every model, and the version that it points at."""
    return state["alias"].select(*ALIAS.names, since="at", moved_by="actor").sort("alias", "model")


def bindings(state: State) -> pl.DataFrame:
    """Every binding: which data each model uses, by role."""
    chosen = state["binding"].drop("key").rename(FIELDS)
    names = [FIELDS.get(name, name) for name in BINDING.names]
    return chosen.select(*names, bound="at", bound_by="actor").sort("role", "template", "model")


def runs(state: State) -> pl.DataFrame:
    """Every run of a job, newest first."""
    chosen = state["run"].sort("seq", descending=True)
    return chosen.select(*RUN.names, by="actor", group="group").rename({"job": "kind"})


def policies(state: State) -> pl.DataFrame:
    """Every policy that changes must keep."""
    return state["policy"].select(*POLICY.names, since="at", required_by="actor").sort("policy")


def promotions(state: State) -> pl.DataFrame:
    """Every promotion in waves as it stands, the one that moved last first."""
    rows = state["promotion"].sort("seq")
    made = rows.filter(pl.col("state") != "waiting")
    # what a promotion waits for outlives a step that was rolled back
    stands = rows.join(made.select("plan", "step").unique(), on=["plan", "step"], how="semi")
    last = stands.sort("seq").unique("plan", keep="last", maintain_order=True)
    names = [name for name in PROMOTION.names if name != "plan"]
    return last.reverse().select(*names, since="at", by="actor")


def roots(state: State, fleet: str) -> pl.DataFrame:
    """Every root of a fleet; `since` and `by` are null where it is one by default."""
    told = state["root"].select("url", since="at", by="actor").sort("url")
    return told if told.height else told.clear(1).with_columns(url=pl.lit(default_root(fleet)))


def templates(state: State) -> pl.DataFrame:
    """Every template, with how many models it has."""
    living = state["model"].group_by("template").agg(models=pl.len().cast(pl.Int64))
    found = state["template"].rename(TEMPLATE_FIELDS).join(living, on="template", how="left")
    names = [TEMPLATE_FIELDS.get(name, name) for name in TEMPLATE.names]
    return found.select(
        *names,
        pl.col("models").fill_null(0),
        revision="rev",
        defined="at",
        defined_by="actor",
    ).sort("template")


def quarantined(state: State) -> pl.DataFrame:
    """Every version that no job touches because it killed its worker."""
    return state["quarantine"].select(*QUARANTINE.names, since="at").sort("model", "version")


def brought(state: State, kind: EntityKind) -> pl.DataFrame:
    """Every entity of a kind that a plugin brings, ordered by its key."""
    rows = from_payload(state[kind.name].select("payload", since="at", by="actor"), kind)
    return rows.sort(kind.key).select(*kind.schema.names, "since", "by")


def events(changes: pl.LazyFrame) -> pl.LazyFrame:
    """Return every change of every entity in order, with its `old` and `new` value as JSON.

    `old` is null if the entity is new, `new` if it was deleted.
    """
    ordered = changes.sort("seq", "ord")
    live = ordered.with_columns(new=pl.when(~pl.col("deleted")).then("payload"))
    named = ("model", "version", "alias", "role", "template", "run_id")
    return live.select(
        *[name for name in COMMIT.names if name != "chain"],
        *[pl.col("payload").str.json_path_match(f"$.{name}").alias(name) for name in named],
        pl.col("new").shift(1).over("kind", "key", order_by=["seq", "ord"]).alias("old"),
        "new",
    )
