"""The comparison of the champions of a selection with their challengers."""

from __future__ import annotations

import polars as pl

from argosy.errors import BadInput
from argosy.jobs.units import parses
from argosy.plugins import installed
from argosy.registry.quarantine import barred
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Suspects, Units
from argosy.views.counts import independent, missed
from argosy_compare.layout import PAIR
from argosy_compare.pairs import challenged, loaded, out_of_quarantine, paired_up
from argosy_compare.request import Compare
from argosy_compare.show import Flags, show
from argosy_compare.verdict import decide
from argosy_compare.work import failed, metrics_of, perform
from argosy_scoring import trial
from argosy_scoring.applies import refuse_inapplicable, tasks_of
from argosy_scoring.bound import with_labels
from argosy_scoring.by_template import comparisons_by_model
from argosy_scoring.model_cache import all_features

_NOBODY = pl.DataFrame(schema=dict.fromkeys(("model", "version", "reason"), pl.String))


def check(request: Compare, scope: Scope) -> None:
    """Refuse comparisons, and metrics, of which nothing applies to any selected model."""
    placed = with_labels(scope.view.state, scope.models, request.data, request.truth)
    tasks = tasks_of(placed, request.data, scope.location)
    if not tasks:
        return
    known = installed().comparisons
    default = list(installed().usual("comparisons"))
    comparisons = {name: known[name] for name in request.comparisons or default}
    asked = {name: one.tasks for name, one in comparisons.items()}
    refuse_inapplicable("comparisons", asked, tasks, list(asked) != default)
    metrics = {name: installed().metrics[name].tasks for name in request.metrics or ()}
    refuse_inapplicable("metrics", metrics, tasks, each=True)
    for name in metrics:
        if not any(
            metrics_of(one, task, (name,))
            for one in comparisons.values()
            for task in tasks & one.tasks
        ):
            free = [other for other, one in known.items() if one.metrics is None]
            raise BadInput(
                f"metrics: none of the comparisons {', '.join(comparisons)} tests {name!r} of"
                f" {' and '.join(sorted(tasks))} models; any metric is tested by"
                f" {', '.join(free) or 'none that is installed'}"
            )


def units(request: Compare, scope: Scope) -> Units:
    """Give each model that has a challenger its data, and the versions that are compared on it."""
    state = scope.view.state
    models = challenged(state, scope.models, request.champion, request.challengers)
    placed = with_labels(state, models, request.data, request.truth)
    quarantined = barred(state)
    pairs = paired_up(placed, request.champion, request.data, quarantined)
    ready = _ready(placed.with_columns(out_of_quarantine(placed, quarantined)), pairs)
    ready = ready.join(
        comparisons_by_model(state, ready), on="model", how="left", maintain_order="left"
    )
    suspects = loaded(ready)
    return Units(
        ready,
        _NOBODY,  # what cannot be compared is a pair, not a model
        models=models["model"],
        isolate=parses(suspects),
        suspects=Suspects(suspects, trial.perform),
        kept=pairs,
    )


def conclude(request: Compare, found: Found) -> Conclusion:
    """Decide over all pairs together which challengers are better or worse."""
    pairs: pl.DataFrame = found.units.kept
    unfit = pairs.filter(pl.col("reason").is_not_null())
    lost = pairs.filter(pl.col("reason").is_null()).drop("reason").join(found.lost, on="model")
    tests = found.answers.parts("comparisons")
    every = pl.concat([failed(unfit), failed(lost), *tests], how="diagonal_relaxed")
    silent = pairs.join(every, on=PAIR, how="anti", nulls_equal=True)
    told = failed(silent.with_columns(reason=pl.lit("no comparison answered for it")))
    every = pl.concat([every, told], how="diagonal_relaxed")
    rows = decide(every, request.level).with_columns(dataset=pl.lit(request.data))
    failing, unknown = missed([rows])
    return Conclusion(
        {"comparisons": rows},
        failed=failing,
        unknown=unknown,
        independent=independent(found.units.ready["binding"]),
    )


def _ready(placed: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the models of which at least one pair can be looked at, in order of their data."""
    able = pairs.filter(pl.col("reason").is_null()).select("model").unique()
    versions = placed.select("model", "sides").explode("sides").unnest("sides")
    return (
        placed.join(able, on="model", how="semi", maintain_order="left")
        .sort(pl.col("binding").struct.field("url"), "model")
        .join(all_features(versions), on="model", how="left", maintain_order="left")
        .select(
            *("model", "binding", "labels", "sides", "features"),
            version=pl.col("sides").list.first().struct.field("version"),
        )
    )


JOB = Job(
    request=Compare,
    check=check,
    tables=(FACTS["comparisons"],),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="compared",
    doing="comparing",
    flags=Flags,
    show=show,
)
