"""The estimation of a selection's performance."""

from __future__ import annotations

import polars as pl

from argosy.jobs.units import parses, unbound
from argosy.registry.bindings import bound
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy_estimate.fits import NONE, noted
from argosy_estimate.request import Estimate
from argosy_estimate.work import failed, perform

_UNIT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("reference", "current", "sources", "fits"),
)


def units(request: Estimate, scope: Scope) -> Units:
    """Give each model its data on either side, and what was learnt of its reference already."""
    state = scope.view.state
    placed = bound(state, scope.models, request.reference).rename({"binding": "reference"})
    placed = bound(state, placed, request.current).rename({"binding": "current"})
    placed = placed.sort(pl.col("current").struct.field("url"), "model", nulls_last=True)
    unknown, absent = pl.col("reference").is_null(), pl.col("current").is_null()
    reason = pl.when(unknown).then(unbound(request.reference)).otherwise(unbound(request.current))
    learnt = scope.view.table("fits").filter(pl.lit(not request.fresh_reference))
    ready = noted(placed.filter(~unknown & ~absent), request.estimators or (), learnt)
    return Units(
        ready.select(_UNIT),
        placed.filter(unknown | absent).select("model", "version", reason=reason),
        isolate=parses(ready),
        reads=("reference", "current"),
    )


def conclude(request: Estimate, found: Found) -> Conclusion:
    """Put the models that failed beside what was estimated of the others."""
    parts = [failed(found.lost), *found.answers.parts("estimates")]
    estimates = pl.concat(parts, how="diagonal_relaxed").with_columns(
        dataset=pl.lit(request.current)
    )
    fits = pl.concat([NONE, *found.answers.parts("fits")])
    sound = estimates.filter(pl.col("status") != "failed")["model"].n_unique()
    return Conclusion(
        {"estimates": estimates, "fits": fits}, failed=found.scope.models.height - sound
    )


JOB = Job(
    request=Estimate,
    tables=(FACTS["estimates"], FACTS["fits"]),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="estimated",
    doing="estimating",
)
