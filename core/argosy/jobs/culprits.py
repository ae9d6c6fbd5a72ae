"""Find the version to blame for a lost model whose work loads several versions.

A comparison loads a champion and its challengers, a gate a version and its baselines. The dead
worker reveals which model it had in hand, not which of these versions. So each is loaded by itself
and predicts the same rows: the one that is lost again is the culprit. If none is, no single version
was to blame, and none goes into quarantine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.proven import UNPROVEN
from argosy.jobs.chunking import Costs, chunks
from argosy.jobs.retry import run
from argosy.jobs.worker import WORK, perform
from argosy.plugins.hidden import hidden
from argosy.registry.quarantine import POISON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from argosy.jobs.inquiry import Inquiry
    from argosy.types import Executor, Suspects

REASONS = dict.fromkeys(("model", "version", "reason", "cause"), pl.String)
_OWNER = ("owner", "owner_version")


def blamed(
    executor: Executor,
    lost: pl.DataFrame,
    suspects: Suspects | None,
    carried: Mapping[str, Any],
    isolate: bool,
    limit: float,
    look: Callable[[], None],
    inquiry: Inquiry | None = None,
) -> pl.DataFrame:
    """Return the versions that are to blame: `model`, `version`, `reason` and `cause`.

    Args:
        executor: where the models were lost.
        lost: `model`, `version`, `reason` and `cause` of those that were.
        suspects: the versions that may be to blame; defaults to those of `lost`.
        carried: what every chunk carries.
        isolate: whether the work parses artifacts.
        limit: how long one call of a plugin may take.
        look: called again and again; raises to stop.
        inquiry: of the run.
    """
    guilty = lost.filter(pl.col("cause").is_in(POISON))
    if suspects is None or guilty.is_empty():
        return guilty
    tried = suspects.units.join(guilty.select("model"), on="model", how="semi")
    several = pl.struct(_OWNER).n_unique().over("model") > 1
    sure = tried.filter(~several).join(guilty.drop("version"), on="model")
    trials = tried.filter(several)
    found = [sure.select(*_OWNER, "reason", "cause")]
    units = trials.drop(_OWNER).with_columns(pl.lit([0]).alias(UNPROVEN))
    apart = {**carried, WORK: suspects.perform}
    planned = chunks(units, range(units.height), apart, isolate, Costs(), limit)
    for chunk, finished in run(executor, planned, perform, look, inquiry=inquiry):
        if finished.tables is None and finished.cause in POISON:
            why = {"reason": pl.lit(hidden(finished.error or "")), "cause": pl.lit(finished.cause)}
            found.append(trials[int(chunk.id)].select(*_OWNER).with_columns(**why))
    named = pl.concat(found).rename(dict(zip(_OWNER, ("model", "version"), strict=True)))
    return named.select(list(REASONS)).unique(["model", "version"], maintain_order=True)
