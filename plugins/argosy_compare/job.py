"""The comparison of the champions of a selection with their challengers."""

from __future__ import annotations

import polars as pl

from argosy.jobs.units import parses
from argosy.registry.quarantine import barred
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Suspects, Units
from argosy_compare.pairs import challenged, loaded, out_of_quarantine, paired_up
from argosy_compare.request import Compare
from argosy_compare.show import Flags, show
from argosy_compare.verdict import decide
from argosy_compare.work import failed, perform
from argosy_scoring import trial
from argosy_scoring.bound import with_labels
from argosy_scoring.model_cache import all_features

_NOBODY = pl.DataFrame(schema=dict.fromkeys(("model", "version", "reason"), pl.String))


def units(request: Compare, scope: Scope) -> Units:
    """Give each model that has a challenger its data, and the versions that are compared on it."""
    state = scope.view.state
    models = challenged(state, scope.models, request.champion, request.challengers)
    placed = with_labels(state, models, request.data, request.truth)
    quarantined = barred(state)
    pairs = paired_up(placed, request.champion, request.data, quarantined)
    ready = _ready(placed.with_columns(out_of_quarantine(placed, quarantined)), pairs)
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
    rows = decide(every, request.level).with_columns(dataset=pl.lit(request.data))
    compared = rows.filter(pl.col("status") != "failed")["model"].n_unique()
    return Conclusion({"comparisons": rows}, failed=pairs["model"].n_unique() - compared)


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
