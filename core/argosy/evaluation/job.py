"""The evaluation of a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import PluginError
from argosy.evaluation.work import failed, perform
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry.binding import bound
from argosy.registry.registration import EXTERNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

UNIT = ("model", "version", "task", "format", "artifact", "digest", "features", "binding")


def evaluate(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    data: str,
    metrics: Sequence[str] | None,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Evaluate model versions on the data bound to a role, commit, and return the summary."""
    if not installed().metrics:
        raise PluginError("no metric is installed; `argosy plugins` says what is")
    found = installed()
    usual = [name for name, metric in found.metrics.items() if metric.default]
    names = [found.metrics[name].name for name in metrics or usual]
    job = Job(
        "evaluate",
        executor,
        {"data": data, "metrics": names},
        faults=[*found.metrics.faults, *found.loaders.faults, *found.sources.faults],
    )
    placed = bound(state, units, data).sort(
        pl.col("binding").struct.field("url"), "model", nulls_last=True
    )
    ready = placed.filter(pl.col("binding").is_not_null()).select(UNIT)
    homeless = placed.filter(pl.col("binding").is_null()).with_columns(
        reason=pl.lit(f"no data is bound to its role {data!r}")
    )
    isolate = bool((ready["format"] != EXTERNAL).any())
    done, lost = job.carry_out(ledger.location, ready, perform, isolate, progress)
    rows = pl.concat(
        [
            done.get("evaluations", failed(lost.clear())),
            failed(pl.concat([lost, homeless.select("model", "version", "reason")])),
        ],
        how="diagonal_relaxed",
    ).with_columns(dataset=pl.lit(data), slice=pl.lit("all"))
    broken = rows.filter(pl.col("metric").is_null(), status="failed")["model"].n_unique()
    counts = {"models": units.height, "ok": units.height - broken, "failed": broken}
    return job.commit(ledger, facts, {"evaluations": rows}, counts, units["model"])
