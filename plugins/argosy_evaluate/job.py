"""The evaluation of a selection."""

from __future__ import annotations

import polars as pl

from argosy.jobs.units import parses, unbound
from argosy.plugins import installed
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.views.counts import independent
from argosy_evaluate.already_measured import runs_alike, with_seen
from argosy_evaluate.conclude import EvaluationConclusion
from argosy_evaluate.request import Evaluate
from argosy_evaluate.show import Flags, show
from argosy_evaluate.silence import stopped
from argosy_evaluate.work import Order, perform
from argosy_rows.columns import BoundColumns
from argosy_scoring.applies import refuse_metrics
from argosy_scoring.bound import with_labels
from argosy_scoring.by_template import metrics_by_model
from argosy_scoring.gather import Asked, without_features
from argosy_scoring.measure import Draws
from argosy_scoring.slices import expression
from argosy_scoring.task_kinds import reads
from argosy_scoring.whole_windows import extents

_UNIT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("binding", "labels"),
)


def check(request: Evaluate, scope: Scope) -> None:
    """Refuse columns that no data has, and metrics that apply to no model."""
    placed = with_labels(scope.view.state, scope.models, request.data, request.truth)
    columns = BoundColumns(placed["binding"], request.data, scope.location)
    columns.refuse_window(request.window)
    for text in request.slices:
        columns.refuse_expression("slices", text, expression(text))
    if request.metrics:
        refuse_metrics("metrics", request.metrics, placed, request.data, scope.location)


def units(request: Evaluate, scope: Scope) -> Units:
    """Give each model its data, its labels, and what need not be measured again."""
    view, rows = scope.view, Asked(request.window, request.at, request.slices, request.segments)
    usual = installed().usual("metrics")
    placed = with_labels(view.state, scope.models, request.data, request.truth).sort(
        pl.col("binding").struct.field("url"), "model", nulls_last=True
    )
    past = view.evaluations() if request.window and not request.fresh else None
    ready = placed.filter(pl.col("binding").is_not_null()).select(_UNIT)
    ready = with_seen(ready, past, runs_alike(view.state, request), request.data)
    ready = ready.with_columns(extents(ready["binding"], request.window, scope.location))
    if not request.metrics:
        own = metrics_by_model(view.state, ready, usual)
        ready = ready.join(own, on="model", how="left", maintain_order="left")
    order = Order(
        request.metrics or usual,
        rows,
        request.depth,
        request.least,
        Draws(request.bootstrap, request.seed),
        ready.height,
    )
    bare = placed.filter(pl.col("binding").is_null())
    return Units(
        without_features(ready),
        bare.select("model", "version", reason=unbound(request.data)),
        options={"order": order},
        isolate=parses(ready),
        reads=("binding", "labels"),
        also=rows.needs() | reads(ready["task"].unique()),
    )


def conclude(request: Evaluate, found: Found) -> Conclusion:
    """Adjust p-values over all slices of all models."""
    past = found.scope.view.evaluations().filter(dataset=request.data)
    answers = found.answers.parts("evaluations")
    silent = stopped(found.units.ready, answers, past, request.window)
    conclusion = EvaluationConclusion(found.answers, found.lost, request.data, silent)
    failed, unknown = conclusion.missed()
    return Conclusion(
        {"evaluations": conclusion.results()},
        failed=failed,
        unknown=unknown,
        independent=independent(found.units.ready["binding"]),
        heard={"evaluations": conclusion.failures()},
    )


JOB = Job(
    request=Evaluate,
    check=check,
    tables=(FACTS["evaluations"],),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="evaluated",
    doing="evaluating",
    flags=Flags,
    show=show,
)
