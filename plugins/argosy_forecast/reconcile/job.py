"""The last forecasts of a selection, made to add up; all of them at once, by the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.errors import BadInput, UnknownName
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy_forecast.reconcile.coherent import coherent
from argosy_forecast.reconcile.request import Reconcile
from argosy_forecast.tables import RECONCILED

if TYPE_CHECKING:
    from argosy.types import Chunk, FleetView, Tables

_NOTHING = pl.DataFrame(RECONCILED.schema.empty_table()).drop("run_id", "at")


def units(request: Reconcile, scope: Scope) -> Units:
    """Take the selected models that have a forecast of the origin."""
    if request.hierarchy is not None:
        _hierarchy(request, scope.view)
    rows = _forecasts(request, scope.view, scope.models)
    rows = rows.with_columns(hierarchy=pl.lit(_hierarchy(request, scope.view)))
    chosen = rows.select("model", "version").unique().sort("model")
    bare = scope.models.join(chosen, on="model", how="anti")
    reason = pl.lit("it has no forecast of that origin; `argosy forecast` makes one")
    return Units(
        chosen,
        bare.select("model", "version", reason=reason),
        reads=(),
        kept=rows,
    )


def perform(chunk: Chunk) -> Tables:
    """Leave all to the end: no forecast can be reconciled without the others."""
    return {RECONCILED.name: _NOTHING.to_arrow()}


def conclude(request: Reconcile, found: Found) -> Conclusion:
    """Make the forecasts add up."""
    view, base = found.scope.view, found.units.kept
    points = _points(request, view, base)
    edges = view.table("hierarchies").collect()
    hierarchy = str(base["hierarchy"][0])
    told = coherent(base, points, edges, hierarchy, request)
    rows = base.rename({"value": "base"}).join(
        told, on=["series", "horizon"], how="left", maintain_order="left"
    )
    outside = pl.col("level").is_null()
    reason = pl.when(outside).then(pl.lit("the hierarchy has no such node")).otherwise("reason")
    rows = rows.with_columns(
        reason=reason,
        value=pl.coalesce("value", "base"),
        status=pl.when(reason.is_null()).then(pl.lit("ok")).otherwise(pl.lit("unknown")),
    )
    failed = found.lost.with_columns(status=pl.lit("failed"), hierarchy=pl.lit(hierarchy))
    every = pl.concat([_NOTHING, rows, failed], how="diagonal_relaxed").select(_NOTHING.columns)
    unknown = rows.filter(status="unknown").select("model", "version").n_unique()
    return Conclusion(
        {RECONCILED.name: every},
        failed=failed.select("model", "version").n_unique(),
        unknown=unknown,
    )


def _hierarchy(request: Reconcile, view: FleetView) -> str:
    """Return the hierarchy that is meant.

    Raises:
        BadInput: if there is none of that name, or several and none is named.
    """
    names = view.table("hierarchies").select("hierarchy").unique().sort("hierarchy").collect()
    known = names["hierarchy"].to_list()
    if not known:
        asked = f" called {request.hierarchy!r}" if request.hierarchy else ""
        raise BadInput(
            f"the fleet has no hierarchy{asked}; write its edges with `argosy put hierarchy FILE`"
        )
    if request.hierarchy is None and len(known) == 1:
        return str(known[0])
    if request.hierarchy is None:
        raise BadInput(f"the fleet has several hierarchies; name one of {', '.join(known)}")
    if request.hierarchy not in known:
        raise UnknownName.among("hierarchy", request.hierarchy, known)
    return request.hierarchy


def _forecasts(request: Reconcile, view: FleetView, models: pl.DataFrame) -> pl.DataFrame:
    """Return the forecasts of one origin, of each model those that were made last.

    Raises:
        UnknownName: if nothing is bound to the role.
        BadInput: if there are none.
    """
    roles = view.state["binding"]["role"].unique().sort().to_list()
    if request.data not in roles:
        raise UnknownName.among("role", request.data, roles, "Bind data to it with `argosy bind`")
    own = view.table("forecasts").filter(
        pl.col("dataset") == request.data, pl.col("origin").is_not_null()
    )
    own = own.join(models.select("model").lazy(), on="model", how="semi")
    if request.origin is not None:
        own = own.filter(pl.col("origin") == pl.lit(request.origin))
    rows = own.filter(pl.col("origin") == pl.col("origin").max()).collect()
    if rows.is_empty():
        when = f" of the origin {request.origin}" if request.origin else ""
        raise BadInput(f"none of the models has a forecast{when}; `argosy forecast` makes them")
    last = rows.filter(pl.col("at") == pl.col("at").max().over("model"))
    columns = ("model", "version", "series", "dataset", "origin", "time", "horizon", "value")
    return last.select(columns)


def _points(request: Reconcile, view: FleetView, base: pl.DataFrame) -> pl.DataFrame:
    """Return errors of the last backtest of each model and origin whose truth was known by then."""
    origin = base["origin"][0]
    versions = base.select("model", "version").unique().lazy()
    rows = (
        view.table("backtest_points")
        .filter(
            pl.col("dataset") == request.data,
            pl.col("origin") < pl.lit(origin),
            pl.col("known") <= pl.lit(origin),
        )
        .join(versions, on=["model", "version"], how="semi")
        .collect()
    )
    last = rows.filter(pl.col("at") == pl.col("at").max().over("model", "origin"))
    error = pl.col("value") - pl.col("truth")
    return last.select("series", "origin", "horizon", error=error)


JOB = Job(
    request=Reconcile,
    tables=(RECONCILED,),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=(),
    done="reconciled",
    doing="reconciling",
)
