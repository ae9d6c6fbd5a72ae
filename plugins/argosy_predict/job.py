"""The predictions of a selection: made on an executor, kept in files, bound where that is asked."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from argosy.jobs.units import unbound
from argosy.registry.bindings import bound, of_models
from argosy.registry.registration import EXTERNAL
from argosy.tables import FACTS, PREDICTED_FOLDER
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.views.entities import subjects
from argosy_predict.request import Predict
from argosy_predict.work import ROW, perform

if TYPE_CHECKING:
    from argosy.types import FleetState

_UNIT = ("model", "version", "format", "artifact", "digest", "features", "binding")


def units(request: Predict, scope: Scope) -> Units:
    """Give each version that argosy can load the rows that it is to predict."""
    state = scope.view.state
    chosen = subjects(state, scope.models, request.alias)
    url = pl.col("binding").struct.field("url")
    placed = bound(state, chosen, request.data).sort(url, "model", nulls_last=True)
    external, bare = pl.col("format") == EXTERNAL, pl.col("binding").is_null()
    elsewhere = pl.lit("it is scored elsewhere, so it cannot predict here")
    reason = pl.when(external).then(elsewhere).otherwise(unbound(request.data))
    return Units(
        placed.filter(~external & ~bare).select(_UNIT),
        placed.filter(external | bare).select("model", "version", reason=reason),
        isolate=True,
    )


def conclude(request: Predict, found: Found) -> Conclusion:
    """Put the models that failed beside the others, whose files are bound if that is asked."""
    failed = found.lost.with_columns(status=pl.lit("failed"), n=pl.lit(0, pl.Int64))
    parts = [pl.DataFrame(schema=ROW), *found.answers.parts("predictions"), failed]
    rows = pl.concat(parts, how="diagonal_relaxed")
    kept = rows.filter(status="ok")
    predictions = rows.drop("id").with_columns(
        dataset=pl.lit(request.data), role=pl.lit(request.role, pl.String)
    )
    bindings = None
    if request.role is not None:
        folder = posixpath.join(found.scope.view.url, PREDICTED_FOLDER, found.run_id)
        bindings = partial(_bindings, kept, request.role, folder)
    return Conclusion(
        {"predictions": predictions}, failed=rows.height - kept.height, changes=bindings
    )


def _bindings(
    kept: pl.DataFrame, role: str, folder: str, state: FleetState
) -> dict[str, pl.DataFrame]:
    """Bind files to the role, but for models that were deleted meanwhile.

    Args:
        kept: `model`, the `file` with its predictions, and `id`, the column that names rows.
        role: of the predictions.
        folder: where the files lie.
        state: of the fleet as it stands when the run is committed.
    """
    live = kept.join(state["model"].select("model"), on="model", how="semi")
    rows = live.select(
        "model",
        "id",
        role=pl.lit(role),
        url=pl.concat_str(pl.lit(folder), "file", separator="/"),
        format=pl.lit("parquet"),
        key=pl.lit("model"),
        version=pl.lit("version"),
        prediction=pl.lit("prediction"),
    )
    change = of_models(rows)
    return {change.kind: change.rows}


def effects(request: Predict) -> frozenset[str]:
    """Name what a run changes: the bindings of the role, if there is one."""
    return frozenset() if request.role is None else frozenset({"binding"})


JOB = Job(
    request=Predict,
    tables=(FACTS["predictions"],),
    units=units,
    perform=perform,
    conclude=conclude,
    effects=effects,
    plugins=("loaders", "sources"),
    done="predicted",
    doing="predicting",
)
