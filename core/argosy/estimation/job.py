"""The estimation of a selection's performance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.windows import Cut
from argosy.errors import PluginError
from argosy.estimation.fits import NONE, noted
from argosy.estimation.work import failed, perform
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry.binding import bound
from argosy.registry.registration import EXTERNAL
from argosy.views import facts as standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_UNIT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("reference", "current", "sources", "fits"),
)


def estimate(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    reference: str,
    current: str,
    estimators: Sequence[str] | None,
    *,
    window: str | None,
    fresh_reference: bool,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Estimate how models do on one role's data from another's, commit, return the summary."""
    found = installed()
    offered = found.estimators
    if not offered:
        raise PluginError("no estimator is installed; `argosy plugins` says what is")
    usual = [name for name, estimator in offered.items() if estimator.default]
    names = [offered[name].name for name in estimators or usual]
    Cut(window)  # refuse what cannot be cut before any work
    job = Job(
        "estimate",
        executor,
        {"reference": reference, "current": current, "estimators": names, "window": window},
        faults=[*offered.faults, *found.loaders.faults, *found.sources.faults],
    )
    placed = bound(state, units, reference).rename({"binding": "reference"})
    placed = bound(state, placed, current).rename({"binding": "current"})
    placed = placed.sort(pl.col("current").struct.field("url"), "model", nulls_last=True)
    whole = pl.col("reference").is_not_null() & pl.col("current").is_not_null()
    homeless = placed.filter(~whole).select(
        "model",
        "version",
        reason=pl.when(pl.col("reference").is_null())
        .then(pl.lit(f"no data is bound to its role {reference!r}"))
        .otherwise(pl.lit(f"no data is bound to its role {current!r}")),
    )
    seen = standing.of_finished("fits", state, facts).filter(pl.lit(not fresh_reference))
    ready = noted(placed.filter(whole), names, seen).select(_UNIT)
    isolate = bool((ready["format"] != EXTERNAL).any())
    done, lost = job.carry_out(
        ledger.location, ready, perform, isolate, progress, reads=("reference", "current")
    )
    parts = [failed(lost), failed(homeless), *([done["estimates"]] if done else [])]
    fits = done["fits"] if done else NONE
    rows = pl.concat(parts, how="diagonal_relaxed").with_columns(dataset=pl.lit(current))
    ok = rows.filter(pl.col("status") != "failed")["model"].n_unique()
    counts = {"models": units.height, "ok": ok, "failed": units.height - ok}
    return job.commit(ledger, facts, {"estimates": rows, "fits": fits}, counts, units["model"])
