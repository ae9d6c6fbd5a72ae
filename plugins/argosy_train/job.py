"""The training of a selection: a version of each model, registered in one change with the run."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import ArgosyWarning, BadInput
from argosy.jobs.units import unbound
from argosy.plugins import installed
from argosy.registry.bindings import bound
from argosy.registry.templates import FIELDS, hasty
from argosy.tables import ALIAS, FACTS, VERSION
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy_train.artifacts import NO_VERSIONS, failed
from argosy_train.assignments import named, next_versions, seeds
from argosy_train.request import Train
from argosy_train.show import show
from argosy_train.work import perform

if TYPE_CHECKING:
    from argosy.types import FleetState

_WHO = ["model", "version"]
_UNIT = (
    *("model", "version", "template", "revision", "trainer", "params", "task", "features"),
    *("seed", "role", "binding"),
)


def units(request: Train, scope: Scope) -> Units:
    """Give each model its new version, its seed, and the rows that it is trained on."""
    state = scope.view.state
    lessons = _with_templates(state, scope.models, scope.everything)
    lessons = next_versions(state, lessons, request.version)
    lessons = lessons.with_columns(
        seed=seeds(lessons), role=pl.coalesce(pl.lit(request.data, pl.String), "data")
    )
    url = pl.col("binding").struct.field("url")
    placed = _with_data(state, lessons).sort("trainer", url, "model", nulls_last=True)
    able = pl.col("reason").is_null()
    return Units(
        placed.filter(able).select(_UNIT),
        placed.filter(~able).select(*_WHO, "reason"),
        isolate=True,
        kept=placed.select(*_WHO, "template", "revision", "trainer", "seed", dataset="role"),
    )


def conclude(request: Train, found: Found) -> Conclusion:
    """Put the models that failed beside the others, whose versions are registered."""
    parts = [failed(found.lost), *found.answers.parts("trainings")]
    rows = pl.concat(parts, how="diagonal_relaxed").join(
        found.units.kept, on=_WHO, how="left", maintain_order="left"
    )
    made = pl.concat([NO_VERSIONS, *found.answers.parts("versions")])
    rows = _without_taken(rows, taken(found.latest(), made))
    return Conclusion(
        {"trainings": rows},
        failed=rows.filter(pl.col("status") != "ok").height,
        changes=partial(_registered, made, request.alias),
    )


def _registered(
    made: pl.DataFrame, alias: str | None, state: FleetState
) -> dict[str, pl.DataFrame]:
    """Register versions, but for models that were deleted or versions made meanwhile.

    Args:
        made: the versions.
        alias: that points at them afterwards, if any.
        state: of the fleet as it stands when the run is committed.
    """
    fresh = made.join(taken(state, made), on=_WHO, how="anti", maintain_order="left")
    changes = {"version": fresh.select(VERSION.names).with_columns(key=named())}
    if alias is not None:
        moved = fresh.select(pl.lit(alias).alias("alias"), *_WHO).select(ALIAS.names)
        key = pl.concat_str("alias", "model", separator="/")
        changes["alias"] = moved.with_columns(key=key)
    return changes


def taken(state: FleetState, made: pl.DataFrame) -> pl.DataFrame:
    """Return `model`, `version` and `reason` of versions that cannot be registered any more."""
    keys = made.select(named()).to_series()
    there = state.lookup("version", keys).select(*_WHO, there=True)
    live = state.lookup("model", made["model"], live=True).select("model", live=True)
    known = (
        made.select(_WHO)
        .join(there, on=_WHO, how="left", maintain_order="left")
        .join(live, on="model", how="left", maintain_order="left")
    )
    reason = (
        pl.when(pl.col("live").is_null())
        .then(pl.lit("the model was deleted while it was trained"))
        .when("there")
        .then(pl.format("somebody else registered its version {} meanwhile", "version"))
    )
    return known.select(*_WHO, reason=reason).drop_nulls("reason")


def _without_taken(rows: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    both = rows.join(lost, on=_WHO, how="left", suffix="_lost", maintain_order="left")
    gone = pl.col("reason_lost").is_not_null()
    return both.with_columns(
        status=pl.when(gone).then(pl.lit("failed")).otherwise("status"),
        file=pl.when(~gone).then("file"),
        sha256=pl.when(~gone).then("sha256"),
        reason=pl.coalesce("reason_lost", "reason"),
    ).drop("reason_lost")


def _with_templates(state: FleetState, models: pl.DataFrame, everything: bool) -> pl.DataFrame:
    """Join each model with what its template says, and say of which there is none.

    Args:
        state: of the fleet.
        models: `model` and `template`.
        everything: whether nobody selected any; models without a template are then left out.

    Raises:
        BadInput: if no model has a template.
    """
    templates = state["template"].rename(FIELDS)
    fields = ("trainer", "params", "task", "features", "data")
    joined = models.select("model", "template").join(
        templates.select("template", *fields, revision="rev"),
        on="template",
        how="left",
        maintain_order="left",
    )
    if everything:
        joined = joined.filter(pl.col("trainer").is_not_null())
    if joined["trainer"].null_count() == joined.height:
        raise BadInput(
            "none of the models is of a template; define one with fleet.define or"
            " `argosy define FILE`, and make models of it with fleet.instantiate"
        )
    used = templates.join(joined, on="template", how="semi").sort("template")
    for template in used.iter_rows(named=True):
        warning = hasty(template)
        if warning is not None:
            warnings.warn(warning, ArgosyWarning, stacklevel=2)
    trainers = list(installed().trainers)
    return joined.with_columns(
        reason=pl.when(pl.col("template").is_null())
        .then(pl.lit("it has no template, so nobody knows how to train it"))
        .when(pl.col("trainer").is_null())
        .then(pl.format("its template '{}' is not defined", "template"))
        .when(~pl.col("trainer").is_in(trainers))
        .then(pl.format("its trainer '{}' is not installed; `argosy plugins`", "trainer"))
    )


def _with_data(state: FleetState, lessons: pl.DataFrame) -> pl.DataFrame:
    """Give each model the binding of the role that it is trained on."""
    parts = [
        bound(state, part, str(role))
        for (role,), part in lessons.filter(pl.col("role").is_not_null())
        .partition_by("role", as_dict=True, maintain_order=True)
        .items()
    ]
    parts.append(lessons.filter(pl.col("role").is_null()))
    placed = pl.concat(parts, how="diagonal")
    bare = pl.col("binding").is_null()
    reason = pl.coalesce("reason", pl.when(bare).then(unbound(pl.col("role"))))
    return placed.with_columns(reason=reason)


def effects(request: Train) -> frozenset[str]:
    """Name what a run changes: versions, and the alias that it moves."""
    alias = () if request.alias is None else ("alias", f"alias:{request.alias}")
    return frozenset({"version", *alias})


JOB = Job(
    request=Train,
    tables=(FACTS["trainings"],),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("trainers", "loaders", "sources"),
    effects=effects,
    unversioned=True,
    done="trained",
    doing="training",
    show=show,
)
