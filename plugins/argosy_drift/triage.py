"""Models that drifted, and those of which nobody knows whether they did, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.bindings import served
from argosy.store.damage import collect
from argosy.types import TriageCause
from argosy.views.urgency import aged, beyond, within
from argosy.views.verdicts import DRIFTED, UNKNOWN, open_findings
from argosy_rows.extent import SILENT
from argosy_troubles.cadence import listed, overdue

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_TIME = "%Y-%m-%d %H:%M"
_BEGAN = pl.col("since")
_MISSING = pl.col("kind") == "missing input"
_NAMED = pl.col("missing").list.join("', '")


def drifted(view: FleetView) -> pa.Table:
    """Find models with an open finding; the further beyond its threshold, the worse."""
    moved = view.verdicts().filter(verdict=DRIFTED)
    opened = open_findings(view.table("findings"), view.state, view.url)
    since = opened.group_by("model", "version").agg(opened=pl.col("opened").min())
    rows = moved.join(since, on=["model", "version"], how="left").join(
        _onsets(view, ~_MISSING), on="model", how="left"
    )
    rows = rows.with_columns(since=pl.coalesce("onset", "opened"))
    severity = within(30, 65, beyond(pl.col("severity")))
    return rows.select("model", "since", "reason", severity=severity).to_arrow()


def lacking(view: FleetView) -> pa.Table:
    """Find models with an input that is gone, empty, of another type or of other categories."""
    rows = view.verdicts().filter(pl.col("missing").list.len() > 0)
    names = pl.format("the input '{}' is missing or another; {}", _NAMED, "reason")
    said = pl.when(pl.col("verdict") == UNKNOWN).then("reason").otherwise(names)
    rows = rows.join(_onsets(view, _MISSING), on="model", how="left")
    rows = rows.with_columns(since=pl.coalesce("onset", "checked_at"))
    severity = within(75, 90, beyond(pl.col("missing").list.len() + aged(_BEGAN, view.moment)))
    return rows.select("model", "since", severity=severity, reason=said).to_arrow()


def _onsets(view: FleetView, chosen: pl.Expr) -> pl.DataFrame:
    """Return since when, in the time of its data, each model has an open incident."""
    open_ = collect(view.incidents().filter(pl.col("state") != "resolved", chosen), view.url)
    began = open_.select("onset_at", model="models").explode("model").drop_nulls("model")
    return began.group_by("model").agg(onset=pl.col("onset_at").min())


def unjudged(view: FleetView) -> pa.Table:
    """Find models that were checked, and could not be judged."""
    unknown = view.verdicts().filter(
        pl.col("verdict") == UNKNOWN, pl.col("checked_at").is_not_null()
    )
    rows = unknown.with_columns(since=pl.coalesce("judged_at", "checked_at"))
    severity = within(40, 60, aged(_BEGAN, view.moment))
    last = pl.format("; last judged on {}", pl.col("judged_at").dt.strftime(_TIME))
    told = pl.concat_str("reason", last.fill_null(""))
    return rows.select("model", "since", severity=severity, reason=told).to_arrow()


def stopped(view: FleetView) -> pa.Table:
    """Find models that have no rows any more, though their file goes on."""
    rows = view.verdicts().filter(pl.col("newer").str.contains(SILENT, literal=True))
    rows = rows.with_columns(since=pl.coalesce("judged_at", "checked_at"))
    severity = within(40, 60, aged(_BEGAN, view.moment))
    return rows.select("model", "since", severity=severity, reason="newer").to_arrow()


def never(view: FleetView) -> pa.Table:
    """Find models whose newest version was never checked, though they have rows to check."""
    new = view.verdicts().filter(pl.col("checked_at").is_null())
    versions = view.versions().select("model", "version", since="registered").collect()
    new = new.join(versions, on=["model", "version"], how="left")
    new = served(view.state, new.join(_templates(view), on="model", how="left"), "current")
    return new.select(
        "model",
        "since",
        severity=within(5, 8, aged(_BEGAN, view.moment)),
        reason=pl.format("version {} was never checked for drift", "version"),
    ).to_arrow()


def stale(view: FleetView) -> pa.Table:
    """Find models whose drift was not judged since longer than their cadence."""
    known = view.verdicts().filter(pl.col("judged_at").is_not_null()).select("model", "judged_at")
    judged = view.table("verdicts").filter(pl.col("verdict") != UNKNOWN).select("model", "at")
    late = overdue(view, collect(judged, view.url)).join(known, on="model")
    return listed(late, "no judgement of its drift")


def _templates(view: FleetView) -> pl.DataFrame:
    return view.models().select("model", "template").collect()


_CHECK = "`argosy drift --where \"model = 'MODEL'\"`"

DRIFTED_CAUSE = TriageCause(
    "drift",
    "The model's data drifted.",
    "see what moved: `argosy show MODEL --drift`",
    drifted,
    state="drifted",
)
MISSING_INPUT = TriageCause(
    "missing input",
    "A column that the model needs is gone, empty, of another type or of other categories.",
    f"mend the data, then {_CHECK}; or excuse the column: `argosy put excuse FILE`",
    lacking,
    state="unknown",
)
UNJUDGED = TriageCause(
    "drift unknown",
    "The model's drift could not be judged.",
    f"mend what the reason names, then {_CHECK}",
    unjudged,
    state="unknown",
)
STOPPED = TriageCause(
    "no data since",
    "The model has no rows any more, though its file goes on.",
    "ask who writes its rows; if it is over: `argosy retire --where \"model = 'MODEL'\"`",
    stopped,
    state="unknown",
)
NEVER_CHECKED = TriageCause(
    "never checked",
    "The newest version was never checked for drift.",
    _CHECK,
    never,
    state="unknown",
)
STALE = TriageCause(
    "drift stale",
    "The model's drift was not judged when it should have been.",
    _CHECK,
    stale,
    state="unknown",
)
CAUSES = (DRIFTED_CAUSE, MISSING_INPUT, UNJUDGED, STOPPED, NEVER_CHECKED, STALE)
