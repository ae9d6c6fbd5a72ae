"""How far a promotion is, and which models it has moved, as the ledger tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from argosy.store.damage import collect

if TYPE_CHECKING:
    from datetime import datetime

    from argosy.store.ledger import Ledger
    from argosy.store.state import State

MOVING, WAITING, FINISHED, REVERTED = "moving", "waiting", "finished", "reverted"
"""The states of a promotion: the checks of its last step are due, something holds the next one up,
it is done, it was undone."""


class Standing(NamedTuple):
    """How far a promotion is; equal where it is as far, and nobody began it anew."""

    plan: str
    """Of the time that it was made last."""
    step: int
    """The last one that was made."""
    state: str
    """Moving, finished or reverted."""
    alias: str
    steps: tuple[float, ...]
    changes: tuple[int, ...]
    """The numbers of the changes that made its steps."""
    at: datetime
    """When its last step was made."""
    checks: tuple[str, ...]
    tolerated: float
    wait: str | None


def standing(state: State, name: str) -> Standing | None:
    """Return how far a promotion is; None where it was never begun, or was rolled back."""
    rows = state["promotion"].filter(pl.col("state") != WAITING, promotion=name).sort("seq", "ord")
    if rows.is_empty():
        return None
    own = rows.filter(plan=rows["plan"][-1])
    ends = own.filter(pl.col("state") != MOVING)["state"]
    made = own.filter(state=MOVING)
    steps: list[int] = own["step"].to_list()
    last = own.row(-1, named=True)
    return Standing(
        plan=last["plan"],
        step=max(steps),
        state=ends[0] if len(ends) else MOVING,
        alias=last["alias"],
        steps=tuple(last["steps"]),
        changes=tuple(made["seq"]),
        at=(made if made.height else own)["at"][-1],
        checks=tuple(last["checks"] or ()),
        tolerated=last["tolerated"] or 0.0,
        wait=last["wait"],
    )


def waits_for(state: State, stood: Standing) -> str | None:
    """Return what holds the next step up, as it was told last."""
    rows = state["promotion"].filter(state=WAITING, plan=stood.plan, step=stood.step)
    return rows.sort("seq")["why"][-1] if rows.height else None


def moved(ledger: Ledger, stood: Standing, plan: pl.DataFrame) -> pl.DataFrame:
    """Return the models that a promotion moved and that nobody has moved since.

    Args:
        ledger: of the fleet.
        stood: how far it is.
        plan: its `model`, `version` and `step`.

    Returns:
        `model`, `version`, `previous` (null where the alias was not set), `step`, `since` (when
        it was moved) and the `rev` of the alias, by model.
    """
    ours = pl.col("seq").is_in(list(stood.changes))
    held = ledger.state()["alias"].filter(ours, alias=stood.alias)
    held = held.join(plan.select("model"), on="model", how="semi")
    keys = held["key"].implode()
    images = ledger.scan().filter(pl.col("kind") == "alias", pl.col("key").is_in(keys))
    version = pl.col("payload").str.json_path_match("$.version").alias("version")
    earlier = collect(images.select("key", "rev", version, "deleted"), ledger.table.url)
    before = earlier.filter(~pl.col("deleted")).select(
        "key", rev=pl.col("rev") + 1, previous="version"
    )
    return (
        held.select("key", "rev", "model", "version", since="at")
        .join(before, on=["key", "rev"], how="left")
        .join(plan.select("model", "step"), on="model", how="left")
        .select("model", "version", "previous", "step", "since", "rev")
        .sort("model")
    )


def moved_already(state: State, rows: pl.DataFrame, alias: str) -> bool:
    """Say whether the alias points at every version (`model`, `version`) already."""
    held = state["alias"].filter(alias=alias).select("model", "version")
    return rows.join(held, on=["model", "version"], how="anti").is_empty()
