"""What was asked of a promotion, and the plan of one that is under way, kept beside the fleet."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput
from argosy.registry.frames import bad_names
from argosy.store import blobs
from argosy_promote.steps import placed, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.store.location import Location
    from argosy_promote.progress import Standing

FOLDER, SUFFIX = "promotions", ".arrow"


@dataclass(frozen=True, slots=True)
class PromotionSpec:
    """One promotion, as it was asked for."""

    what: str | pl.DataFrame
    """A SQL expression that selects the models, or the table of `model` and `version`."""
    of: str | None
    """The alias of the versions that are promoted; null: the newest, or those of the table."""
    alias: str
    steps: Sequence[float]
    seed: int
    tolerated: float
    reason: str | None
    named: str | None = None

    def __post_init__(self) -> None:
        shares(self.steps)
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
        rows = self.what if isinstance(self.what, str) else self.what.sort("model").rows()
        told = [rows, self.of, self.alias, list(self.steps), self.seed]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def title(self, what: str) -> str:
        """Return what a change says of itself: the promotion, what happens, and the reason."""
        because = f": {self.reason}" if self.reason else ""
        return f"promotion {self.name}, {what}{because}"


def kept(location: Location, rows: pl.DataFrame, spec: PromotionSpec) -> tuple[str, pl.DataFrame]:
    """Write the plan down before the first step, and return its name and its rows.

    Whoever carries the promotion on reads it: by then the selection may choose other models.

    Returns:
        The name of the plan, and `model`, `version` and `step`.
    """
    plan = placed(rows.select("model", "version"), spec.steps, spec.seed)
    return blobs.write(location, FOLDER, plan.to_arrow()).removesuffix(SUFFIX), plan


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
