"""The estimation of a selection's performance."""

from __future__ import annotations

import polars as pl

from argosy.jobs.units import parses, unbound
from argosy.plugins import installed
from argosy.registry.bindings import bound
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.views.counts import independent, missed
from argosy_estimate.fits import NONE, noted
from argosy_estimate.request import Estimate
from argosy_estimate.show import show
from argosy_estimate.work import failed, perform
from argosy_rows.columns import BoundColumns
from argosy_scoring.applies import refuse_inapplicable, sought, tasks_of
from argosy_scoring.whole_windows import extents

_UNIT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("reference", "current", "sources", "fits", "extent"),
)


def check(request: Estimate, scope: Scope) -> None:
    """Refuse windows that no data can be cut into, and estimators that apply to no model."""
    state, location = scope.view.state, scope.location
    current = bound(state, scope.models, request.current)["binding"]
    BoundColumns(current, request.current, location).refuse_window(request.window)
    known = installed().estimators
    placed = bound(state, scope.models, request.reference)
    asked = {name: known[name].tasks for name in request.estimators or ()}
    named = tuple(asked) != installed().usual("estimators")
    tasks = tasks_of(placed, request.reference, location, sought(asked, named))
    if tasks:
        refuse_inapplicable("estimators", asked, tasks, named)


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
    ready = ready.with_columns(extents(ready["current"], request.window, scope.location))
    return Units(
        ready.select(_UNIT),
        placed.filter(unknown | absent).select("model", "version", reason=reason),
        isolate=parses(ready),
        reads=("reference", "current"),
    )


def conclude(request: Estimate, found: Found) -> Conclusion:
    """Put the models that failed beside what was estimated of the others."""
    parts = [failed(found.lost), *found.answers.parts("estimates")]
    estimates = pl.concat(parts, how="diagonal_relaxed")
    fits = pl.concat([NONE, *found.answers.parts("fits")])
    silent = found.scope.models.join(estimates, on="model", how="anti").select("model", "version")
    told = failed(silent.with_columns(reason=pl.lit("no estimator answered for any of its rows")))
    estimates = pl.concat([estimates, told], how="diagonal_relaxed").with_columns(
        dataset=pl.lit(request.current)
    )
    failing, unknown = missed([estimates])
    return Conclusion(
        {"estimates": estimates, "fits": fits},
        failed=failing,
        unknown=unknown,
        independent=independent(found.units.ready["reference"]),
    )


JOB = Job(
    request=Estimate,
    check=check,
    tables=(FACTS["estimates"], FACTS["fits"]),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="estimated",
    doing="estimating",
    show=show,
)
