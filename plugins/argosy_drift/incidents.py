"""Follow incidents through windows and runs: opened, ongoing, worsened, resolved.

An incident is the alerts of one cause. It is the same incident in the next window where the cause
is the same, or where it alerts in a column and a model of the one before: what began in one model
keeps its identity as it spreads to its feature.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.tables import ALL_COLUMNS, INCIDENTS
from argosy.views.facts import in_order
from argosy.views.verdicts import severity
from argosy_drift.causes import caused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from argosy_drift.looked import Looked

MISSING = "missing input"
"""The kind of an incident whose cause is a column that is not what it was."""
_SEVERE = 10.0
"""How severe it is that an input is missing: as an effect of ten times what alerts."""
_WORSE_MODELS = 1.1
_WORSE_SEVERITY = 1.5


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident in one window."""

    incident: str
    state: str
    kind: str
    cause: str
    columns: tuple[str, ...]
    models: tuple[str, ...]
    severity: float
    window: str | None
    onset: str | None
    onset_at: datetime | None
    opened_run: str

    def is_same(self, other: Incident) -> bool:
        """Whether it has the cause of another."""
        return (self.kind, self.cause) == (other.kind, other.cause)

    def spread_from(self, other: Incident) -> bool:
        """Whether it alerts in a column and a model of another."""
        columns = set(self.columns).intersection(other.columns)
        return bool(columns) and not set(self.models).isdisjoint(other.models)

    def after(self, before: Incident) -> Incident:
        """Return it as what became of an earlier one."""
        worse = (
            len(self.models) > _WORSE_MODELS * len(before.models)
            or self.severity > _WORSE_SEVERITY * before.severity
        )
        return replace(
            self,
            state="worsened" if worse else "ongoing",
            incident=before.incident,
            onset=before.onset,
            onset_at=before.onset_at,
            opened_run=before.opened_run,
        )

    def row(self) -> dict[str, Any]:
        """Return it as a row of the table `incidents`."""
        since = f" since {self.onset}" if self.onset else ""
        many = f"{len(self.models)} model{'s' if len(self.models) > 1 else ''}"
        named = [_named(column) for column in self.columns[:3]]
        told = f"{self.kind} '{self.cause}': {', '.join(named)}"
        more = len(self.columns) - 3
        if self.kind == MISSING:
            told = f"the input {self.cause!r} is missing or another"
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "columns": list(self.columns),
            "models": list(self.models),
            "many": len(self.models),
            "reason": f"{told}{f' and {more} more' if more > 0 else ''} in {many}{since}",
        }


def _named(column: str) -> str:
    return "all columns together" if column == ALL_COLUMNS else column


def incidents(
    looked: Looked,
    units: pl.DataFrame,
    known: pl.DataFrame,
    alive: set[str],
    run: str,
    at: datetime,
) -> pl.DataFrame:
    """Return what became of every incident in every window of a run, in order.

    Args:
        looked: what was seen.
        units: `model`, `template` and `upstream` of every model checked.
        known: the newest row of every incident so far.
        alive: the models that there are; an incident of others only is over.
        run: the run's identity.
        at: when it started: the onset where rows have no time.
    """
    before = [_read(row) for row in known.filter(pl.col("state") != "resolved").to_dicts()]
    still = [incident for incident in before if incident.kind != MISSING]
    told: list[Incident] = []
    windows = looked.judged.sort(*in_order(), nulls_last=False)["window"].unique(
        maintain_order=True
    )
    for place, window in enumerate([*windows] or [None]):
        this = pl.col("window").eq_missing(pl.lit(window, pl.String))
        seen = set(looked.judged.filter(this)["model"])
        found = list(_found(looked.alerts.filter(this), looked.began, units, run, at, window))
        last = place >= len(windows) - 1
        now, still = _step(found, still, None if last else seen, alive, looked.open)
        told += [replace(incident, window=window) for incident in now]
    lacking = [incident for incident in before if incident.kind == MISSING]
    told += _missing(looked, lacking, alive, run, at)
    empty = pl.DataFrame(INCIDENTS.empty_table()).drop("run_id", "at")
    rows = [incident.row() | {"place": place} for place, incident in enumerate(told)]
    return pl.concat(
        [empty, pl.DataFrame(rows, schema=empty.schema) if rows else empty], how="diagonal"
    )


def _step(
    found: Sequence[Incident],
    still: Sequence[Incident],
    seen: set[str] | None,
    alive: set[str],
    unresolved: set[tuple[str, str]],
) -> tuple[list[Incident], list[Incident]]:
    """Match the incidents of a window with those that are open; return all, and those open.

    One that alerts no more is over where none of its findings is open, once a window has been seen
    of its models, or in the last window, whose `seen` is None.
    """
    rest = list(still)
    before: dict[int, Incident] = {}
    for same in (Incident.is_same, Incident.spread_from):
        for place, new in enumerate(found):
            matching = [old for old in rest if place not in before and same(new, old)]
            if matching:
                before[place] = matching[0]
                rest.remove(matching[0])
    opened = [
        new.after(before[place]) if place in before else new for place, new in enumerate(found)
    ]
    told = list(opened)
    for old in rest:
        models = alive.intersection(old.models)
        lasting = any((model, column) in unresolved for model in models for column in old.columns)
        if not lasting and (seen is None or seen.intersection(models)):
            told.append(replace(old, state="resolved"))
        else:
            opened.append(old)
    return told, opened


def _missing(
    looked: Looked, before: Sequence[Incident], alive: set[str], run: str, at: datetime
) -> Iterator[Incident]:
    """Follow the incidents of inputs that are missing, one per column."""
    known = {incident.cause: incident for incident in before}
    now = dict(looked.missing.group_by("column").agg("model").sort("column").rows())
    seen = {*looked.judged["model"], *looked.missing["model"]}
    newest = looked.newest()
    for column in dict.fromkeys([*known, *now]):
        old = known.get(column)
        others = alive.intersection(old.models) - seen if old else set()
        models = tuple(sorted(others.union(now.get(column, ()))))
        if not models and old is not None:
            yield replace(old, state="resolved", window=None)
            continue
        identity = f"{run}/{MISSING}/{column}"
        onset = min((newest[model] for model in now.get(column, ()) if model in newest), default=at)
        new = Incident(
            incident=hashlib.sha256(identity.encode()).hexdigest()[:10],
            state="opened",
            kind=MISSING,
            cause=column,
            columns=(column,),
            models=models,
            severity=_SEVERE,
            window=None,
            onset=onset.strftime("%Y-%m-%d %H:%M"),
            onset_at=onset,
            opened_run=run,
        )
        if old is None:
            yield new
        elif now.get(column):
            yield new.after(old)


def _found(
    alerts: pl.DataFrame,
    began: pl.DataFrame,
    units: pl.DataFrame,
    run: str,
    at: datetime,
    window: str | None,
) -> Iterator[Incident]:
    if alerts.is_empty():
        return
    timed = alerts.join(began, on=["model", "window"], how="left", nulls_equal=True)
    pairs = timed.group_by("model", "column").agg(
        severity=severity().max(), start=pl.coalesce("window_start", "began").min()
    )
    grouped = caused(pairs.sort("model", "column"), units).group_by("kind", "cause")
    each = grouped.agg(
        pl.col("column").unique().sort(),
        pl.col("model").unique().sort(),
        pl.col("severity").max(),
        pl.col("start").min(),
    )
    for row in each.sort("severity", "cause", descending=[True, False]).to_dicts():
        identity = "/".join([run, window or "", row["kind"], row["cause"]])
        start = row["start"] or at
        yield Incident(
            incident=hashlib.sha256(identity.encode()).hexdigest()[:10],
            state="opened",
            kind=row["kind"],
            cause=row["cause"],
            columns=tuple(row["column"]),
            models=tuple(row["model"]),
            severity=row["severity"],
            window=window,
            onset=window or start.strftime("%Y-%m-%d %H:%M"),
            onset_at=start,
            opened_run=run,
        )


def _read(row: dict[str, Any]) -> Incident:
    lists = {name: tuple(row[name]) for name in ("columns", "models")}
    return Incident(**{name: row[name] for name in Incident.__slots__} | lists)
