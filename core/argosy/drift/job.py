"""The drift check of a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.drift.correction import decide
from argosy.drift.profiles import noted
from argosy.drift.verdict import verdicts
from argosy.drift.work import perform
from argosy.errors import PluginError
from argosy.jobs.job import Job
from argosy.plugins import installed
from argosy.registry import views
from argosy.registry.binding import bound
from argosy.tables import DRIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

MIN_ROWS = 20
"""Fewer rows on either side give the status `insufficient`, never a verdict."""

_UNIT = ("model", "version", "features", "reference", "current", "source", "profile")


def check_drift(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    reference: str,
    current: str,
    detectors: Sequence[str] | None,
    executor: str,
    fresh_reference: bool,
    progress: Progress | None,
) -> dict[str, Any]:
    """Compare the data of two roles for every model, commit, and return the summary."""
    offered = installed().detectors
    if not offered:
        raise PluginError("no drift detector is installed; `argosy plugins` says what is")
    usual = [name for name, detector in offered.items() if detector.default]
    names = [offered[name].name for name in detectors or usual]
    job = Job(
        "drift",
        executor,
        {"reference": reference, "current": current, "detectors": names, "min_rows": MIN_ROWS},
        faults=[*offered.faults, *installed().sources.faults],
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
    seen = views.facts("profiles", state, facts).filter(pl.lit(not fresh_reference))
    chosen = noted(placed.filter(whole), seen).select(_UNIT)
    found, lost = job.carry_out(ledger.location, chosen, perform, False, progress)
    failed = pl.concat([lost, homeless]).with_columns(status=pl.lit("failed"))
    empty = pl.DataFrame(DRIFT.empty_table()).drop("run_id", "at")
    rows = pl.concat([empty, found.get("drift", empty), failed], how="diagonal_relaxed")
    judged = decide(rows, {name: offered[name].floor for name in names})
    alerts = judged.filter(status="drift").select("model", "column").unique()
    pictures = {
        name: table.join(alerts, on=["model", "column"], how="semi")
        for name, table in found.items()
        if name == "distributions"
    } | {name: table for name, table in found.items() if name == "profiles"}
    compared = judged.filter(pl.col("status").is_in(["ok", "drift", "insufficient"]))
    ok = compared["model"].n_unique()
    counts = {
        "models": units.height,
        "ok": ok,
        "failed": units.height - ok,
        "drifted": alerts["model"].n_unique(),
    }
    tables = {"drift": judged, "verdicts": verdicts(judged), **pictures}
    return job.commit(ledger, facts, tables, counts, units["model"])
