"""The training of a selection: a version of each model, registered in one change with the run."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyWarning, BadInput
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry.binding import bound
from argosy.registry.frames import refuse_bad_name
from argosy.registry.templates import FIELDS, cadence
from argosy.retraining.keeping import NO_VERSIONS, failed
from argosy.retraining.lessons import named, next_versions, seeds
from argosy.retraining.work import perform
from argosy.store.state import Change
from argosy.tables import ALIAS, VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_WHO = ["model", "version"]
_UNIT = (
    *("model", "version", "template", "revision", "trainer", "params", "task", "features"),
    *("seed", "role", "binding"),
)


def retrain(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    *,
    every: bool,
    version: str | None,
    alias: str | None,
    data: str | None,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Train models, register their versions, move the alias, and return the run's summary.

    Args:
        ledger: of the fleet.
        facts: of the fleet.
        state: of the fleet.
        units: `model` and `template` of the selected models.
        every: whether nobody selected any; models without a template are then left out.
        version: the name of the new versions; the newest number and 1 unless given.
        alias: that points at them afterwards, if any.
        data: the role of the data; each template's own unless given.
        executor: where the work runs.
        progress: called with the models done and the models in all.
    """
    for name, what in ((version, "version"), (alias, "alias")):
        if name is not None:
            refuse_bad_name(name, what)
    found = installed()
    options = {"data": data, "version": version, "alias": alias}
    faults = [*found.trainers.faults, *found.loaders.faults, *found.sources.faults]
    job = Job("retrain", executor, options, faults=faults)
    lessons = _with_templates(state, units, every)
    lessons = next_versions(state, lessons, version)
    lessons = lessons.with_columns(
        seed=seeds(lessons), role=pl.coalesce(pl.lit(data, pl.String), "data")
    )
    placed = _with_data(state, lessons).sort(
        "trainer", pl.col("binding").struct.field("url"), "model", nulls_last=True
    )
    ready = placed.filter(pl.col("reason").is_null()).select(_UNIT)
    done, lost = job.carry_out(ledger.location, ready, perform, True, progress, reads=["binding"])
    idle = placed.filter(pl.col("reason").is_not_null())
    untrained = pl.concat([idle.select(*_WHO, "reason"), lost])
    about = placed.select(*_WHO, "template", "revision", "trainer", "seed", dataset="role")
    rows = pl.concat([failed(untrained), *done.parts("trainings")], how="diagonal_relaxed").join(
        about, on=_WHO, how="left", maintain_order="left"
    )
    made = pl.concat([NO_VERSIONS, *done.parts("versions")])
    rows = _without_taken(rows, taken(ledger.latest(), made))

    def versions(now: State) -> Sequence[Change]:
        """Register what was made, but for models that were deleted or versions made meanwhile."""
        fresh = made.join(taken(now, made), on=_WHO, how="anti", maintain_order="left")
        keyed = fresh.select(VERSION.names).with_columns(key=named())
        changes = [Change("version", keyed)]
        if alias is not None:
            moved = fresh.select(pl.lit(alias).alias("alias"), *_WHO).select(ALIAS.names)
            key = pl.concat_str("alias", "model", separator="/")
            changes.append(Change("alias", moved.with_columns(key=key)))
        return changes

    ok = rows.filter(status="ok").height
    counts = {"models": rows.height, "ok": ok, "failed": rows.height - ok}
    return job.commit(ledger, facts, {"trainings": rows}, counts, rows["model"], changes=versions)


def taken(state: State, made: pl.DataFrame) -> pl.DataFrame:
    """Return `model`, `version` and `reason` of versions that cannot be registered any more."""
    keys = made.select(named()).to_series()
    there = state.lookup("version", keys).select(*_WHO, there=True)
    live = state.lookup("model", made["model"], live=True).select("model", live=True)
    told = (
        made.select(_WHO)
        .join(there, on=_WHO, how="left", maintain_order="left")
        .join(live, on="model", how="left", maintain_order="left")
    )
    why = (
        pl.when(pl.col("live").is_null())
        .then(pl.lit("the model was deleted while it was trained"))
        .when("there")
        .then(pl.format("somebody else registered its version {} meanwhile", "version"))
    )
    return told.select(*_WHO, reason=why).drop_nulls("reason")


def _without_taken(rows: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    both = rows.join(lost, on=_WHO, how="left", suffix="_lost", maintain_order="left")
    gone = pl.col("reason_lost").is_not_null()
    return both.with_columns(
        status=pl.when(gone).then(pl.lit("failed")).otherwise("status"),
        file=pl.when(~gone).then("file"),
        sha256=pl.when(~gone).then("sha256"),
        reason=pl.coalesce("reason_lost", "reason"),
    ).drop("reason_lost")


def _with_templates(state: State, units: pl.DataFrame, every: bool) -> pl.DataFrame:
    """Join each model with what its template says, and say of which there is none.

    Raises:
        BadInput: if no model has a template.
    """
    known = state["template"].rename(FIELDS)
    fields = ("trainer", "params", "task", "features", "data")
    told = known.select("template", *fields, revision="rev")
    joined = units.select("model", "template").join(
        told, on="template", how="left", maintain_order="left"
    )
    if every:
        joined = joined.filter(pl.col("trainer").is_not_null())
    if joined["trainer"].null_count() == joined.height:
        raise BadInput(
            "none of the models is of a template; define one with fleet.define or"
            " `argosy define FILE`, and make models of it with fleet.instantiate"
        )
    used = known.join(joined, on="template", how="semi").sort("template")
    for row in used.iter_rows(named=True):
        warning = cadence(row)
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


def _with_data(state: State, lessons: pl.DataFrame) -> pl.DataFrame:
    """Give each model the binding of the role that it is trained on."""
    parts = [
        bound(state, part, str(role))
        for (role,), part in lessons.filter(pl.col("role").is_not_null())
        .partition_by("role", as_dict=True, maintain_order=True)
        .items()
    ]
    parts.append(lessons.filter(pl.col("role").is_null()))
    whole = pl.concat(parts, how="diagonal")
    bare = pl.col("binding").is_null()
    told = pl.format("no data is bound to its role '{}'", "role")
    return whole.with_columns(reason=pl.coalesce("reason", pl.when(bare).then(told)))
