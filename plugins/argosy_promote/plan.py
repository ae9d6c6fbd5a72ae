"""What was asked of a promotion, and the plan of one that is under way, kept beside the fleet."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.registry.frames import bad_names
from argosy.registry.times import length
from argosy.store import blobs
from argosy_promote.steps import STEP, placed, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location
    from argosy.store.state import State
    from argosy_promote.progress import Standing

FOLDER, SUFFIX = "promotions", ".arrow"


@dataclass(frozen=True, slots=True)
class PromotionSpec:
    """One promotion, as it was asked for."""

    what: str | pl.DataFrame | None
    """A SQL expression that selects the models, or the table of `model` and `version`; None for
    one that is under way, and known by its name."""
    of: str | None
    """The alias of the versions that are promoted; null: the newest, or those of the table."""
    alias: str
    steps: Sequence[float]
    seed: int
    tolerated: float
    reason: str | None
    named: str | None = None
    checks: tuple[str, ...] = ()
    """The names of those that are asked; empty: nobody looks after the models."""
    wait: str | None = None
    """The least time between two steps, such as 6h."""

    def __post_init__(self) -> None:
        shares(self.steps)
        pause(self.wait)
        if not 0 <= self.tolerated < 1:
            raise BadInput(f"the tolerated share is 0 or more and below 1, not {self.tolerated}")
        if self.named is not None:
            fault = pl.DataFrame({"name": [self.named]}).select(bad_names("name")).item()
            if fault:
                raise BadInput(fault)

    @property
    def name(self) -> str:
        """What it is called: the same whenever the same is asked for."""
        if self.named is not None:
            return self.named
        what = self.what
        rows = what.sort("model").rows() if isinstance(what, pl.DataFrame) else what
        told = [rows, self.of, self.alias, list(self.steps), self.seed]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def title(self, what: str) -> str:
        """Return what a change says of itself: the promotion, what happens, and the reason."""
        because = f": {self.reason}" if self.reason else ""
        unchecked = "" if self.checks else ", without any check"
        return f"promotion {self.name}, {what}{unchecked}{because}"


def pause(wait: str | None) -> timedelta:
    """Return the time between two steps; none where nothing is said.

    Raises:
        BadInput: for what is no period.

    >>> pause("6h"), pause(None)
    (datetime.timedelta(seconds=21600), datetime.timedelta(0))
    """
    days = length(wait) if wait is not None else 0.0
    if days is None:
        raise BadInput(f"the wait {wait!r} is no period such as 6h or 1d")
    return timedelta(days=days)


def drafted(state: State, rows: pl.DataFrame, spec: PromotionSpec) -> pl.DataFrame:
    """Say which model moves in which step: those that the alias does not point at yet.

    Args:
        state: of the fleet.
        rows: `model` and `version`.
        spec: of the promotion.

    Returns:
        `model`, `version`, `previous` (null where the alias is not set), `step` (null where it
        moves in none) and `reason` (null), in the order of the rows.
    """
    held = state["alias"].filter(alias=spec.alias).select("model", previous="version")
    every = rows.select("model", "version")
    every = every.join(held, on="model", how="left", maintain_order="left")
    apart = every.filter(pl.col("previous").ne_missing(pl.col("version")))
    step = placed(apart, spec.steps, spec.seed).select("model", STEP)
    found = every.join(step, on="model", how="left", maintain_order="left")
    return found.with_columns(reason=pl.lit(None, pl.String))


def without(plan: pl.DataFrame, found: pl.DataFrame, spec: PromotionSpec) -> pl.DataFrame:
    """Leave models where they are, and say why (`model` and `reason`)."""
    if found.is_empty():
        return plan
    why = found.unique("model", keep="first", maintain_order=True).select("model", why="reason")
    told = plan.drop(STEP).join(why, on="model", how="left", maintain_order="left")
    apart = told.filter(pl.col("previous").ne_missing(pl.col("version")), pl.col("why").is_null())
    step = placed(apart.select("model"), spec.steps, spec.seed)
    told = told.join(step, on="model", how="left", maintain_order="left")
    return told.select("model", "version", "previous", STEP, reason="why")


def kept(location: Location, plan: pl.DataFrame) -> str:
    """Write the plan down before the first step, and return its name.

    Whoever carries the promotion on reads it: by then the selection may choose other models.
    """
    rows = plan.select("model", "version", STEP, "reason")
    return blobs.write(location, FOLDER, rows.to_arrow()).removesuffix(SUFFIX)


def read(location: Location, stood: Standing, spec: PromotionSpec) -> pl.DataFrame:
    """Return the plan of a promotion that is under way.

    Raises:
        BadInput: if it was begun with another alias, other steps or other versions.
    """
    plan = pl.DataFrame(blobs.read(location, FOLDER, stood.plan + SUFFIX))
    same = stood.alias == spec.alias and stood.steps == tuple(spec.steps)
    if same and isinstance(spec.what, pl.DataFrame):
        again = spec.what.select("model", "version").sort("model")
        same = plan.select("model", "version").sort("model").equals(again)
    if not same:
        raise BadInput(
            f"the promotion {spec.name!r} is under way with another alias, other steps or other"
            " versions; call it as it was called to carry it on, or give another name"
        )
    return plan


def forget(location: Location, plan: str) -> None:
    """Remove the plan of a promotion that is over."""
    filesystem, inner = location.filesystem(location.child(FOLDER, plan + SUFFIX))
    with suppress(FileNotFoundError):
        filesystem.rm_file(inner)
