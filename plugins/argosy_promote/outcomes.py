"""What became of each model of a promotion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from argosy.store.state import State
    from argosy_promote.checks import Health

PROMOTED, REVERTED, WAITING = "promoted", "reverted", "waiting"
BLOCKED, UNCHANGED, NOT_MOVED, PLANNED = "blocked", "unchanged", "not moved", "planned"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call of a promotion ended, and why."""

    health: Health | None = None
    """What the checks found of the moved models."""
    reverted: str | None = None
    """Why what was moved was put back."""
    waiting: str | None = None
    """What holds up those that are yet to move."""
    not_moved: str | None = None
    """Why nobody else moves."""
    planned: bool = False
    """Whether nothing was to be done but to look."""


def outcomes(
    state: State, alias: str, plan: pl.DataFrame, mine: pl.DataFrame | None, ending: Ending
) -> pl.DataFrame:
    """Say what became of every model, in the order in which they were given.

    Args:
        state: of the fleet, after all of it.
        alias: that moves.
        plan: `model`, `version`, `step`, and in `reason` why a model is left where it is.
        mine: of the models that the promotion moved, `model` and `previous`; None: nobody.
        ending: how it ended.

    Returns:
        `model`, `version`, `previous`, `step`, `outcome` and `reason`.
    """
    nobody = pl.DataFrame(schema={"model": pl.String, "previous": pl.String})
    held = state["alias"].filter(alias=alias).select("model", now="version")
    own = (nobody if mine is None else mine).select("model", "previous", mine=True)
    joined = plan.select("model", "version", "step", blocked="reason")
    for part in (own, held, _told(ending.health)):
        joined = joined.join(part, on="model", how="left", maintain_order="left")
    ours = pl.col("mine").fill_null(False)
    there = pl.col("now").eq_missing(pl.col("version"))
    blocked, yet = pl.col("blocked").is_not_null(), pl.col("step").is_not_null()
    waiting, planned = pl.lit(ending.waiting is not None), pl.lit(ending.planned)
    outcome = (
        pl.when(ours)
        .then(pl.lit(PROMOTED if ending.reverted is None else REVERTED))
        .when(there)
        .then(pl.lit(UNCHANGED))
        .when(blocked)
        .then(pl.lit(BLOCKED))
        .when(yet & waiting)
        .then(pl.lit(WAITING))
        .when(yet & planned)
        .then(pl.lit(PLANNED))
        .otherwise(pl.lit(NOT_MOVED))
    )
    reason = (
        pl.when(ours)
        .then(pl.coalesce("found", pl.lit(ending.reverted, pl.String)))
        .when(there)
        .then(pl.lit(None, pl.String))
        .when(blocked)
        .then("blocked")
        .when(yet)
        .then(pl.lit(ending.waiting or ending.not_moved, pl.String))
    )
    previous = pl.when(ours).then("previous").otherwise("now")
    return joined.select(
        "model", "version", previous=previous, step="step", outcome=outcome, reason=reason
    )


def _told(health: Health | None) -> pl.DataFrame:
    """Return what checks say of models (`model`, `found`): what they found, or saw nothing of."""
    if health is None:
        return pl.DataFrame(schema={"model": pl.String, "found": pl.String})
    blind = pl.format("the check {} has seen nothing new of it since it was moved", "check")
    unseen = health.unseen.select("model", found=blind)
    told = pl.concat([health.findings.select("model", found="reason"), unseen])
    return told.unique("model", keep="first", maintain_order=True)
