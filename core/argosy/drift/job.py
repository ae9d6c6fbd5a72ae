"""The drift check of a selection."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl
from polars import selectors as cs

from argosy.data.windows import Cut
from argosy.drift.earlier import baseline
from argosy.drift.ending import Ending
from argosy.drift.incidents import incidents
from argosy.drift.profiles import COLUMNS, noted
from argosy.drift.row_profiles import ROWS
from argosy.drift.rules import terms
from argosy.drift.wider import refuse
from argosy.drift.work import Asked, perform
from argosy.errors import PluginError
from argosy.jobs.job import Job
from argosy.jobs.planning import NEAR
from argosy.plugins import installed
from argosy.registry.binding import bound
from argosy.views import entities
from argosy.views import facts as standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy.jobs.running import Progress
    from argosy.plugins.core_options import DriftRule
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.state import State

_UNIT = ("model", "version", "features", "reference", "current", "source")
_SERIES = ("model", "segment_key", "segment_value", "window", "column")


def check_drift(
    ledger: Ledger,
    facts: Facts,
    state: State,
    units: pl.DataFrame,
    reference: str,
    current: str,
    *,
    detectors: Sequence[str] | None,
    window: str | None,
    segments: Sequence[str],
    against: str,
    rules: Sequence[DriftRule],
    select: Callable[[str], pl.Series],
    fresh_reference: bool,
    executor: str,
    progress: Progress | None,
) -> dict[str, Any]:
    """Compare the data of two roles for every model, commit, and return the summary."""
    asked = Asked(
        detectors=_named(detectors),
        window=window,
        segments=(None, *segments),
        baseline=baseline(against, window),
    )
    for segment in asked.segments:
        Cut(window, segment)  # refuse what cannot be cut before any work
    offered = installed().detectors
    measuring = [offered[name] for name in asked.detectors]
    refuse(measuring, window)
    options = {
        "reference": reference,
        "current": current,
        "against": against,
        **{name: value for name, value in asdict(asked).items() if name != "baseline"},
        "versions": {
            name: giver.version for name, giver in offered.givers.items() if name in asked.detectors
        },
        "rules": [rule.model_dump(mode="json") for rule in rules],
    }
    job = Job("drift", executor, options, faults=[*offered.faults, *installed().sources.faults])
    held = terms(units["model"], rules, select)
    placed, homeless = _placed(state, units, reference, current, asked.baseline.fixed)
    own = held.select("model", "level", "least", cs.starts_with("floor "))
    placed = placed.join(own, on="model", maintain_order="left")
    seen = standing.of_finished("profiles", state, facts).filter(pl.lit(not fresh_reference))
    joint = any("joint" in detector.kinds for detector in measuring)
    contents = [COLUMNS, ROWS] if joint else [COLUMNS]
    noting = noted(placed, asked.segments, seen, contents)
    near = pl.col(COLUMNS).list.first().alias(NEAR)  # a profile's file is of a whole chunk
    chosen = noting.select(*_UNIT, *contents, near, *own.columns[1:])
    unprofiled = any(chosen[content].list.contains(None).any() for content in contents)
    unread = asked.baseline.fixed and unprofiled
    found, lost = job.carry_out(
        ledger.location,
        chosen,
        perform,
        False,
        progress,
        {"asked": asked},
        ["current", "reference"] if unread else ["current"],
        {name for segment in asked.segments for name in Cut(window, segment).needs()},
    )
    past = standing.of_finished("drift", state, facts).join(
        units.select("model").lazy(), on="model", how="semi"
    )
    several = held.filter(pl.col("among") > 1)
    before = _windows_of(past, window is not None) if several.height else None
    ending = Ending(found, pl.concat([lost, homeless]), held, before)
    job.write(facts, "drift", ending.results())
    told = ending.verdicts()
    tables = {"verdicts": told, "distributions": ending.pictures(), "profiles": ending.profiles()}
    known = standing.incidents(state, facts).collect()
    live = state["model"].filter(pl.col("retired").ne_missing(True))
    shares, alive = _shares(state, units), set(live["model"])
    followed = (ending.alerts(), ending.compared(), shares, known, alive)
    tables["incidents"] = incidents(*followed, job.run_id, job.started)
    ok = ending.compared()["model"].n_unique()
    counts = {
        "models": units.height,
        "ok": ok,
        "failed": units.height - ok,
        "drifted": int(told["drifted"].sum() or 0),
    }
    return job.commit(ledger, facts, tables, counts, units["model"], {"drift": ending.noteworthy()})


def _shares(state: State, units: pl.DataFrame) -> pl.DataFrame:
    """Return what the models may share: `model`, `template` and `upstream`."""
    newest = entities.newest(state).select("model", "upstream")
    return units.select("model", "template").join(newest, on="model", how="left")


def _named(detectors: Sequence[str] | None) -> tuple[str, ...]:
    offered = installed().detectors
    if not offered:
        raise PluginError("no drift detector is installed; `argosy plugins` says what is")
    usual = [name for name, detector in offered.items() if detector.default]
    return tuple(offered[name].name for name in detectors or usual)


def _placed(
    state: State, units: pl.DataFrame, reference: str, current: str, fixed: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the units their data, in the order in which it is read; name those without."""
    placed = bound(state, units, current).rename({"binding": "current"})
    if fixed:
        placed = bound(state, placed, reference).rename({"binding": "reference"})
    else:  # earlier windows of the current rows
        placed = placed.with_columns(reference="current")
    placed = placed.sort(pl.col("current").struct.field("url"), "model", nulls_last=True)
    no_reference = pl.col("reference").is_null()
    whole = ~no_reference & pl.col("current").is_not_null()
    role = pl.when(no_reference & pl.lit(fixed)).then(pl.lit(reference)).otherwise(pl.lit(current))
    homeless = placed.filter(~whole).select(
        "model", "version", reason=pl.format("no data is bound to its role '{}'", role)
    )
    return placed.filter(whole), homeless


def _windows_of(past: pl.LazyFrame, windowed: bool) -> pl.DataFrame:
    """Return earlier results; where a run was one window, its time names it."""
    kept = past.filter(pl.col("window").is_not_null() == windowed)
    named = pl.coalesce("window", pl.col("at").dt.strftime("%Y-%m-%d %H:%M:%S%.6f"))
    return kept.with_columns(window=named).select(*_SERIES, "status").collect()
