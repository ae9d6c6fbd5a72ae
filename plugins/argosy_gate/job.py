"""The gates of a selection: gather what they need, judge, and keep what they say."""

from __future__ import annotations

import polars as pl

from argosy.jobs.units import parses, unbound
from argosy.plugins import installed
from argosy.registry.quarantine import barred
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Suspects, Units
from argosy.views import entities
from argosy.views.counts import independent
from argosy_gate.cases import cases, out_of_quarantine, suspects
from argosy_gate.judge import judge
from argosy_gate.request import Gate
from argosy_gate.rules import BASE_CASE
from argosy_gate.show import Flags, show
from argosy_gate.table import PREFERRED, SUBJECT
from argosy_gate.work import MEASURED, perform
from argosy_scoring import trial
from argosy_scoring.applies import refuse_inapplicable, sought, tasks_of
from argosy_scoring.bound import with_labels
from argosy_scoring.model_cache import all_features


def check(request: Gate, scope: Scope) -> None:
    """Refuse metrics of which none applies to any selected model."""
    placed = with_labels(scope.view.state, scope.models, request.data, request.truth)
    asked = {name: installed().metrics[name].tasks for name in request.metrics}
    named = request.metrics != PREFERRED
    tasks = tasks_of(placed, request.data, scope.location, sought(asked, named))
    if tasks:
        refuse_inapplicable("metrics", asked, tasks, named)


def units(request: Gate, scope: Scope) -> Units:
    """Give each version that is judged its cases, and the baselines that it is held against."""
    state, data = scope.view.state, request.data
    subjects = entities.subjects(state, scope.models, request.alias)
    every = cases(state, subjects, request.baselines, data, request.truth)
    usable, refused = out_of_quarantine(every, barred(state))
    bare = usable.filter(pl.col("binding").is_null(), who=SUBJECT, dataset=data)
    ready = _ready(usable, subjects, bare, data)
    return Units(
        ready,
        bare.select("model", "version", reason=unbound(data)),
        isolate=parses(usable),
        suspects=Suspects(suspects(ready, usable), trial.perform),
        kept=(subjects, refused),
    )


def conclude(request: Gate, found: Found) -> Conclusion:
    """Ask every gate about what was measured."""
    subjects, refused = found.units.kept
    lost = found.lost.with_columns(
        dataset=pl.lit(request.data), who=pl.lit(SUBJECT), status=pl.lit("failed")
    )
    measured = pl.concat(
        [pl.DataFrame(schema=MEASURED), *found.answers.parts("measured"), lost, refused],
        how="diagonal_relaxed",
    )
    judged = judge(measured, subjects, request)
    sound = int(judged.filter(gate=BASE_CASE)["passed"].sum())
    return Conclusion(
        {"gates": judged},
        failed=subjects.height - sound,
        independent=independent(found.units.ready["binding"]),
    )


def _ready(
    cases: pl.DataFrame, subjects: pl.DataFrame, bare: pl.DataFrame, data: str
) -> pl.DataFrame:
    """Return a row per model with its list of `cases`, in order of the data of its base case."""
    base = cases.filter(dataset=data)
    own = base.filter(who=SUBJECT).select("model", "binding")
    return (
        cases.filter(pl.col("binding").is_not_null())
        .join(bare.select("model"), on="model", how="anti")
        .sort(pl.col("binding").struct.field("url"), "model", maintain_order=True)
        .group_by("model", maintain_order=True)
        .agg(cases=pl.struct("who", "dataset", *entities.SUBJECT, "binding", "labels"))
        .join(subjects.select("model", "version"), on="model", maintain_order="left")
        .join(own, on="model", maintain_order="left")
        .join(all_features(base), on="model", how="left", maintain_order="left")
    )


JOB = Job(
    request=Gate,
    check=check,
    tables=(FACTS["gates"],),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="judged",
    doing="judging",
    flags=Flags,
    show=show,
)
