"""Models that could not be evaluated, were not, or do worse than they did, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.bindings import served
from argosy.store.damage import collect
from argosy.types import TriageCause
from argosy.views.entities import in_use, newest
from argosy.views.leaderboard import USUAL
from argosy.views.metrics import goodness
from argosy.views.urgency import aged, beyond, within
from argosy_evaluate.own_past import worse
from argosy_rows.extent import SILENT
from argosy_troubles import cadence
from argosy_troubles.failures import WHOLLY, listed, standing_failures, unjudged

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_UNIT = ["model", "version"]
_BEGAN = pl.col("since")
_HOLDOUT = "holdout"
_DEVIATIONS = 3.0
"""A fall that counts one: by so many standard deviations of earlier windows."""


def failed(view: FleetView) -> pa.Table:
    """Find versions in use whose last evaluation on some data failed as a whole."""
    failures = standing_failures(view, "evaluations", (*_UNIT, "dataset"), WHOLLY)
    told = pl.format("could not be evaluated on '{}': {}", "dataset", "reason")
    return listed(failures, view, (80, 100), told)


def unknown(view: FleetView) -> pa.Table:
    """Find versions in use whose last evaluation on some data came to no value, or not to all."""
    of = (*_UNIT, "dataset")
    rows = view.evaluations().filter(slice="all")
    told = pl.format("its evaluation on '{}' is open: {}", "dataset", "reason")
    return listed(standing_failures(view, unjudged(rows, of, view.url), of), view, (40, 60), told)


def never(view: FleetView) -> pa.Table:
    """Find models whose newest version was never evaluated, though they have rows for it.

    In a fleet that nobody evaluates, none was forgotten.
    """
    live = view.models().select("model", "template", version="newest_version").collect()
    known = live.filter(pl.col("version").is_not_null())
    measured = collect(view.evaluations().select(_UNIT).unique(), view.url)
    forgotten = known.join(measured, on=_UNIT, how="anti").filter(pl.lit(measured.height > 0))
    new = served(view.state, forgotten, _HOLDOUT)
    versions = view.versions().select(*_UNIT, since="registered").collect()
    return (
        new.join(versions, on=_UNIT, how="left")
        .select(
            "model",
            "since",
            severity=within(4, 7, aged(_BEGAN, view.moment)),
            reason=pl.format("version {} was never evaluated", "version"),
        )
        .to_arrow()
    )


def stale(view: FleetView) -> pa.Table:
    """Find models of which no value was measured since longer than their cadence."""
    valued = view.evaluations().filter(pl.col("value").is_not_null())
    looks = collect(valued.select("model", "version", "at").unique(), view.url)
    current = newest(view.state).select(_UNIT)
    late = cadence.overdue(view, looks.join(current, on=_UNIT, how="semi").select("model", "at"))
    return cadence.listed(late, "no evaluation with a value")


def stopped(view: FleetView) -> pa.Table:
    """Find models that have no rows to evaluate any more, though their file goes on."""
    rows = view.evaluations().filter(pl.col("window").is_not_null(), slice="all")
    gone = pl.col("reason").str.starts_with(SILENT).fill_null(value=False)
    suspects = rows.filter(gone).select("model").unique()
    mine = rows.join(suspects, on="model", how="semi")
    last = mine.group_by(*_UNIT, "dataset").agg(
        since=pl.col("window_start").filter(~gone).max(),
        silent=pl.col("window_start").filter(gone).max(),
        reason=pl.col("reason").filter(gone).last(),
    )
    still = collect(last.filter((pl.col("silent") > pl.col("since")).fill_null(True)), view.url)
    used = still.join(in_use(view.state), on=_UNIT, how="semi")
    return used.select(
        *_UNIT,
        "since",
        severity=within(40, 60, aged(_BEGAN, view.moment)),
        reason=pl.format("'{}' has {}", "dataset", "reason"),
    ).to_arrow()


def fallen(view: FleetView) -> pa.Table:
    """Find versions in use whose newest whole window is worse than their own earlier ones."""
    found = worse(_windows(view))
    number = [pl.col(name).round_sig_figs(3) for name in ("value", "usual", "q_value")]
    return found.select(
        *_UNIT,
        since="window_start",
        severity=within(65, 90, beyond(pl.col("times") / _DEVIATIONS)),
        reason=pl.format(
            "{} {} in the window {} of '{}', worse than the {} on average of the {} windows before"
            " (t-test, q {})",
            *("metric", number[0], "window", "dataset", number[1], "among", number[2]),
        ),
    ).to_arrow()


def _windows(view: FleetView) -> pl.DataFrame:
    """Return the whole windows of versions in use, of the one metric that each is judged by."""
    used = in_use(view.state).join(_judged_by(view), on="model")
    rows = view.evaluations().filter(
        pl.col("whole"), pl.col("value").is_not_null(), pl.col("window").is_not_null(), slice="all"
    )
    names = {*USUAL, *used["metric"].drop_nulls()}
    columns = ("dataset", "metric", "window", "window_start", "window_end", "value", "error", "at")
    mine = collect(
        rows.filter(pl.col("metric").is_in(list(names)))
        .select(*_UNIT, *columns)
        .join(used.lazy(), on=_UNIT, suffix="_asked"),
        view.url,
    )
    place = {name: number for number, name in enumerate(USUAL)}
    rank = pl.col("metric").replace_strict(place, default=len(place), return_dtype=pl.Int64)
    best = pl.col("rank") == pl.col("rank").min().over(*_UNIT, "dataset")
    asked = pl.col("metric_asked").is_not_null()
    chosen = mine.with_columns(rank=rank).filter(
        pl.when(asked).then(pl.col("metric") == pl.col("metric_asked")).otherwise(best)
    )
    last = chosen.sort("at", maintain_order=True).unique(
        [*_UNIT, "dataset", "metric", "window", "window_start", "window_end"], keep="last"
    )
    return last.with_columns(good=goodness(pl.col("value")))


def _judged_by(view: FleetView) -> pl.DataFrame:
    """Return the metric and the margin of each model's template, null where it names none."""
    templates = view.state["template"].select("template", "metric", "margin")
    models = view.models().select("model", "template").collect()
    return models.join(templates, on="template", how="left").drop("template")


_EVALUATE = "`argosy evaluate --where \"model = 'MODEL'\"`"

FAILED = TriageCause(
    "evaluation failed",
    "The last evaluation of the model on some data failed.",
    f"mend what the reason names, then {_EVALUATE}",
    failed,
)
UNKNOWN = TriageCause(
    "evaluation unknown",
    "The last evaluation of the model on some data came to no value, or a metric failed.",
    f"give it the rows or labels that the reason names, then {_EVALUATE}",
    unknown,
    state="unknown",
)
FALLEN = TriageCause(
    "worse than before",
    "The newest whole window of a metric is worse than the model's earlier ones.",
    "see how it went: `argosy show MODEL --metrics`",
    fallen,
)
STOPPED = TriageCause(
    "nothing to evaluate since",
    "The model has no rows to evaluate any more, though its file goes on.",
    "ask who writes its rows; if it is over: `argosy retire --where \"model = 'MODEL'\"`",
    stopped,
    state="unknown",
)
STALE = TriageCause(
    "evaluation stale",
    "The model was not evaluated when it should have been.",
    _EVALUATE,
    stale,
    state="unknown",
)
NEVER = TriageCause(
    "never evaluated",
    "The newest version was never evaluated, though it has rows for it.",
    _EVALUATE,
    never,
    state=None,
)
CAUSES = (FAILED, UNKNOWN, FALLEN, STOPPED, STALE, NEVER)
