"""The evaluation of a selection."""

from __future__ import annotations

import polars as pl

from argosy.jobs.units import parses, unbound
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy_evaluate.already_measured import runs_alike, with_seen
from argosy_evaluate.conclude import EvaluationConclusion
from argosy_evaluate.request import Evaluate
from argosy_evaluate.show import show
from argosy_evaluate.work import Order, perform
from argosy_scoring.bound import with_labels
from argosy_scoring.gather import Asked, without_features
from argosy_scoring.measure import Draws
from argosy_scoring.task_kinds import reads

_UNIT = (
    *("model", "version", "task", "format", "artifact", "digest", "features"),
    *("binding", "labels"),
)


def units(request: Evaluate, scope: Scope) -> Units:
    """Give each model its data, its labels, and what need not be measured again."""
    view, rows = scope.view, Asked(request.window, request.at, request.slices, request.segments)
    order = Order(
        request.metrics or (),
        rows,
        request.depth,
        request.least,
        Draws(request.bootstrap, request.seed),
    )
    placed = with_labels(view.state, scope.models, request.data, request.truth).sort(
        pl.col("binding").struct.field("url"), "model", nulls_last=True
    )
    past = view.evaluations() if request.window and not request.fresh else None
    ready = placed.filter(pl.col("binding").is_not_null()).select(_UNIT)
    ready = with_seen(ready, past, runs_alike(view.state, request), request.data)
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
    conclusion = EvaluationConclusion(found.answers, found.lost, request.data)
    return Conclusion(
        {"evaluations": conclusion.results()},
        failed=conclusion.broken(),
        heard={"evaluations": conclusion.failures()},
    )


JOB = Job(
    request=Evaluate,
    tables=(FACTS["evaluations"],),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="evaluated",
    doing="evaluating",
    show=show,
)
