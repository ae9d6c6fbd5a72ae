"""The drift check of a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars import selectors as cs

from argosy.jobs.chunking import NEAR
from argosy.jobs.units import unbound
from argosy.plugins import installed
from argosy.registry.bindings import bound
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.views.counts import independent
from argosy.views.entities import newest
from argosy.views.verdicts import FINDING, QUESTION, UNKNOWN, looks, open_findings
from argosy_drift.conclude import DriftConclusion
from argosy_drift.excuse import excused
from argosy_drift.findings import followed
from argosy_drift.incidents import incidents
from argosy_drift.joint_and_course import refuse
from argosy_drift.looked import Looked
from argosy_drift.profiles import COLUMNS, ROWS, noted
from argosy_drift.question import beside, carried
from argosy_drift.request import Drift
from argosy_drift.rules import drift_rules, terms
from argosy_drift.season_detector import NAME as SEASONS
from argosy_drift.show import Flags, show
from argosy_drift.work import perform
from argosy_rows.columns import BoundColumns
from argosy_rows.extent import EXTENT, of_shared
from argosy_rows.periods import is_period
from argosy_rows.segments import expression

if TYPE_CHECKING:
    from argosy.store.location import Location

_UNIT = ("model", "version", "features", "reference", "current", "past", "source")
_SERIES = ("model", "segment_key", "segment_value", "window", "column")
_TABLES = ("drift", "verdicts", "findings", "distributions", "profiles", "incidents")


def resolve(request: Drift) -> Drift:
    """Say what models are held to.

    Raises:
        BadInput: if a detector has nothing to look at.
    """
    offered, names = installed().detectors, request.detectors or ()
    season = request.baseline.season
    if season is not None and names == installed().usual("detectors"):
        # tests of rows take what differs from year to year for drift
        names = (SEASONS, *(name for name in names if name not in {*offered.usual, SEASONS}))
    refuse([offered[name] for name in names], request.window, season)
    rules = tuple(drift_rules(request.rules))
    return request.model_copy(update={"rules": rules, "detectors": names or None})


def check(request: Drift, scope: Scope) -> None:
    """Refuse columns that no data has, and windows of time where no data has times."""
    bindings = bound(scope.view.state, scope.models, request.current)["binding"]
    columns = BoundColumns(bindings, request.current, scope.location)
    columns.refuse_window(request.window)
    for text in request.segments:
        columns.refuse_expression("segments", text, expression(text))


def units(request: Drift, scope: Scope) -> Units:
    """Give each model the data of both sides, what is kept of it, and what it is held to."""
    view, cuts = scope.view, request.cuts
    held = terms(
        scope.models["model"],
        request.rules or (),
        lambda where: view.where(where).frame()["model"],
    )
    placed, homeless = _placed(scope, request)
    own = held.select("model", "level", "least", cs.starts_with("floor "))
    placed = placed.join(own, on="model", maintain_order="left")
    measuring = [installed().detectors[name] for name in request.detectors or ()]
    joint = any("joint" in detector.kinds for detector in measuring)
    contents = [COLUMNS, ROWS] if joint else [COLUMNS]
    seen = view.table("profiles").filter(pl.lit(not request.fresh_reference))
    noting = noted(placed, [cut.segment for cut in cuts], seen, contents)
    noting = noting.with_columns(
        _extents(noting["current"], request, scope.location),
        _extents(noting["past"], request, scope.location).alias("extent_ref"),
    )
    near = pl.col(COLUMNS).list.first().alias(NEAR)  # a profile's file is of a whole chunk
    unprofiled = any(noting[content].list.contains(None).any() for content in contents)
    unread = request.baseline.fixed and unprofiled
    past = noting["past"].null_count() < noting.height
    return Units(
        noting.select(*_UNIT, *contents, "extent", "extent_ref", near, *own.columns[1:]),
        homeless,
        reads=("current", *(["reference"] if unread else []), *(["past"] if past else [])),
        also={name for cut in cuts for name in cut.needs()},
        kept=held,
    )


def conclude(request: Drift, found: Found) -> Conclusion:
    """Decide over the fleet what drifted, and follow its incidents."""
    scope, held = found.scope, found.units.kept
    several = bool((held["among"] > 1).any())
    past = _windows(scope, request.window is not None) if several else None
    view, state = scope.view, scope.view.state
    before = open_findings(view.table("findings"), state, view.url)
    mine = before.join(scope.models.select("model"), on="model", how="semi")
    lost = pl.concat([found.lost, _silent(request, found)])
    ending = DriftConclusion(found.answers, lost, held, past, mine, excused(view, found.started))
    findings = followed(ending.course(), mine, request, found.run_id, found.started)
    last = looks(view.table("verdicts"), state, view.url)
    judged = beside(ending.verdicts(), found.units.ready.select("model", "extent"))
    told = carried(judged, last, request)
    key = [*FINDING, *QUESTION]
    others = before.join(findings, on=key, how="anti", nulls_equal=True)
    still = pl.concat([others, findings.filter(state="open")], how="diagonal_relaxed")
    live = state["model"].filter(pl.col("retired").ne_missing(True))
    looked = Looked(
        ending.alerts(),
        ending.missing(),
        ending.judged(),
        ending.began(),
        set(still.select("model", "column").iter_rows()),
    )
    known = view.incidents().collect()
    of = _shares(scope), known, set(live["model"]), found.run_id, found.started
    whole = pl.col("column").is_null()
    failed = ending.noteworthy().filter(whole, status="failed")["model"]
    unknown = told.filter(pl.col("verdict") == UNKNOWN, ~pl.col("model").is_in(failed.implode()))
    return Conclusion(
        {
            "drift": ending.results(),
            "verdicts": told,
            "findings": findings,
            "distributions": ending.pictures(),
            "profiles": ending.profiles(),
            "incidents": incidents(looked, *of),
        },
        failed=failed.n_unique(),
        drifted=int(told["drifted"].sum() or 0),
        unknown=unknown.height,
        independent=_independent(found.units.ready),
        heard={"drift": ending.noteworthy()},
    )


def _independent(ready: pl.DataFrame) -> int:
    """Count the models on neither side of which anything orders or clusters rows."""
    field = pl.col("reference").struct.field
    bare = field("timestamp").is_null() & field("cluster").is_null()
    return independent(ready.filter(bare)["current"])


def _silent(request: Drift, found: Found) -> pl.DataFrame:
    """Return the models that no chunk has a result of, and why."""
    ready = found.units.ready.select("model", "version")
    answered = pl.concat(
        [part.select("model") for part in found.answers.parts("drift")]
        or [ready.clear().select("model")]
    )
    why = (
        "nothing could be compared"
        if request.baseline.fixed
        else f"no window has what it is compared with ({request.against!r})"
    )
    both = pl.concat([answered, found.lost.select("model")])
    return ready.join(both, on="model", how="anti").with_columns(reason=pl.lit(why))


def _extents(bindings: pl.Series, request: Drift, location: Location) -> pl.Series:
    """Return how far the file of each model's rows goes, where models share it."""
    if request.window is None or not is_period(request.window):
        return pl.Series("extent", [None] * len(bindings), dtype=EXTENT)
    return of_shared(bindings, request.window, location)


def _shares(scope: Scope) -> pl.DataFrame:
    """Return what the models may share: `model`, `template` and `upstream`."""
    upstream = newest(scope.view.state).select("model", "upstream")
    return scope.models.select("model", "template").join(upstream, on="model", how="left")


def _placed(scope: Scope, request: Drift) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the models their data, in the order in which it is read; name those without."""
    state, fixed = scope.view.state, request.baseline.fixed
    placed = bound(state, scope.models, request.current).rename({"binding": "current"})
    if fixed:
        placed = bound(state, placed, request.reference).rename({"binding": "reference"})
    else:  # earlier windows of the current rows
        placed = placed.with_columns(reference="current")
    placed = _with_past(placed, scope, request)
    placed = placed.sort(pl.col("current").struct.field("url"), "model", nulls_last=True)
    no_reference = pl.col("reference").is_null()
    whole = ~no_reference & pl.col("current").is_not_null()
    lacks_reference = no_reference & pl.lit(fixed)
    role = pl.when(lacks_reference).then(pl.lit(request.reference))
    reason = unbound(role.otherwise(pl.lit(request.current)))
    return placed.filter(whole), placed.filter(~whole).select("model", "version", reason=reason)


def _with_past(placed: pl.DataFrame, scope: Scope, request: Drift) -> pl.DataFrame:
    """Give models of which earlier windows are asked the reference's rows, where they have times.

    Null where there are none, or they are the current rows themselves.
    """
    state = scope.view.state
    known = request.reference in state["binding"]["role"]
    if request.baseline.season is None or not known:
        nothing = pl.Series([None] * placed.height, dtype=placed.schema["current"])
        return placed.with_columns(past=nothing)
    both = bound(state, placed, request.reference).rename({"binding": "past"})
    past, current = pl.col("past").struct, pl.col("current").struct
    same = [past.field(name).eq_missing(current.field(name)) for name in ("url", "where", "key")]
    timed = past.field("timestamp").is_not_null() & ~pl.all_horizontal(same)
    return both.with_columns(past=pl.when(timed).then("past"))


def _windows(scope: Scope, windowed: bool) -> pl.DataFrame:
    """Return earlier results; where a run was one window, its time names it."""
    past = scope.view.drift().join(scope.models.select("model").lazy(), on="model", how="semi")
    kept = past.filter(pl.col("window").is_not_null() == windowed)
    named = pl.coalesce("window", pl.col("at").dt.strftime("%Y-%m-%d %H:%M:%S%.6f"))
    return kept.with_columns(window=named).select(*_SERIES, "window_start", "status").collect()


JOB = Job(
    request=Drift,
    tables=tuple(FACTS[name] for name in _TABLES),
    resolve=resolve,
    check=check,
    units=units,
    perform=perform,
    conclude=conclude,
    done="checked",
    doing="checking drift",
    flags=Flags,
    show=show,
)
