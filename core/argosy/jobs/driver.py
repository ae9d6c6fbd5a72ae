"""The driver of all jobs: begin a run, plan it without running it, or resume it.

A job works on the fleet as it stood when its run began, whatever others change meanwhile, even when
the run is resumed later. Only what it commits is decided on the latest state.
"""

from __future__ import annotations

import json
import time
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy import breadcrumbs
from argosy.data.proven import Proofs
from argosy.errors import ArgosyWarning, BadInput, Stopped
from argosy.jobs import requests
from argosy.jobs.chunking import Costs
from argosy.jobs.commit import MISSED, commit
from argosy.jobs.execute import Task, execute, planned
from argosy.jobs.left_out import left_out
from argosy.jobs.load import load
from argosy.jobs.loans import LOANS, marks, needed, refuse_without
from argosy.jobs.plan import kept, refuse_other_software
from argosy.jobs.promise import PROMISE, Promise
from argosy.jobs.selected import selected
from argosy.jobs.spec import RunSpec
from argosy.jobs.units import with_data
from argosy.plugins import installed
from argosy.plugins.manifest import manifest
from argosy.plugins.sound import counted
from argosy.registry.quarantine import barred
from argosy.store.past import Pinned
from argosy.store.roots import bounded
from argosy.types import Conclusion, Found, Scope
from argosy.views.counts import missed
from argosy.views.resources import needs
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from argosy.jobs.retry import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import State
    from argosy.types import FleetView, Job, Units
    from argosy.types.request import Request


@dataclass(frozen=True, slots=True)
class Driver:
    """Drives the jobs of one fleet."""

    ledger: Ledger
    facts: Facts
    view: Callable[[Pinned], FleetView]
    """The fleet to read, as a ledger shows it."""

    def begin(
        self,
        kind: str,
        selection: Selection | str | None,
        executor: str,
        progress: Progress | None,
        given: Mapping[str, Any],
        reason: str | None = None,
    ) -> dict[str, Any]:
        """Run a job from its beginning, commit it, and return the run's summary.

        Raises:
            UnknownName: for a job, a parameter or an executor that does not exist.
            BadInput: if a parameter is invalid, or no model is selected.
        """
        started = time.perf_counter()
        job, request, spec = self._asked(kind, selection, executor, given)
        spec = replace(spec, reason=reason)
        pinned = Pinned(self.ledger, self.ledger.state())
        return self.carry_out(job, request, spec, pinned, selection, progress, started)

    def _look(self, state: State) -> FleetView:
        return self.view(Pinned(self.ledger, state))

    def plan(
        self,
        kind: str,
        selection: Selection | str | None,
        executor: str,
        given: Mapping[str, Any],
    ) -> pl.DataFrame:
        """Return the chunks that a job would be cut into, without running them.

        Raises:
            UnknownName: for a job, a parameter or an executor that does not exist.
            BadInput: if a parameter is invalid, or no model is selected.
        """
        job, request, spec = self._asked(kind, selection, executor, given)
        pinned = Pinned(self.ledger, self.ledger.state())
        scope = self._scope(job, request, spec, pinned, selection)
        return planned(self._task(job, request, spec, _units(job, request, spec, scope)))

    def resume(
        self,
        run_id: str,
        executor: str | None,
        other_software: bool,
        other_data: bool,
        progress: Progress | None,
    ) -> dict[str, Any]:
        """Resume a run from what its chunks found already, and return its summary.

        Raises:
            UnknownName: if there is no such run.
            PluginError: if what is installed is not what the run began with.
            StoreError: if the data is not, naming the files.
        """
        started = time.perf_counter()
        plan = kept(self.ledger.location, run_id)
        refuse_without(plan.spec)
        if not other_software:
            refuse_other_software(plan)
        before = plan.spec
        job = load(before.kind)
        ledger = self.ledger.grouped(before.group)
        pinned = Pinned.at(ledger, before.seq)
        state = pinned.state()
        spec = replace(
            before,
            executor=executor or before.executor,
            other_data=other_data,
            barred=barred(state),
            needs=needs(state),
            costs=_costs(state, before.kind),
        )
        request = requests.read(spec.kind, job.request, spec.request)
        return self.carry_out(job, request, spec, pinned, spec.selection, progress, started)

    def _asked(
        self,
        kind: str,
        selection: Selection | str | None,
        executor: str,
        given: Mapping[str, Any],
    ) -> tuple[Job[Any], Request, RunSpec]:
        """Check what is asked for, before any work."""
        job = load(kind)
        request = requests.resolved(kind, job, requests.read(kind, job.request, given))
        installed().executors[executor]  # refuse an unknown one
        state = self.ledger.state()
        resumable, expression = True, selection
        if isinstance(selection, Selection):
            fleet = selection.fleet
            resumable = fleet.url == self.ledger.location.url and not fleet.past
            expression = selection.expression
        elif selection is not None and not isinstance(selection, str):
            raise BadInput("a selection is what fleet.where returns, or a SQL expression")
        spec = RunSpec(
            kind=kind,
            request=request.model_dump(mode="json"),
            executor=executor,
            seq=state.seq,
            selection=str(expression) if expression is not None else None,
            actor=self.ledger.actor,
            group=self.ledger.group,
            resumable=resumable,
            barred=barred(state),
            needs=needs(state),
            costs=_costs(state, kind),
            software={**manifest(), **marks(needed(job, request))},
        )
        return job, request, spec

    def _scope(
        self,
        job: Job[Any],
        request: Request,
        spec: RunSpec,
        pinned: Pinned,
        selection: Selection | str | None,
    ) -> Scope:
        """Choose the models, and ask the policies whether they may be worked on."""
        view = self.view(pinned)
        models = selected(view, selection, job.unversioned)
        expects = job.effects(request) if job.effects else frozenset()
        self.ledger.refuse(spec.kind, models["model"], spec.reason, expects)
        return Scope(view, models, selection is None, self._bounded())

    def _task(self, job: Job[Any], request: Request, spec: RunSpec, units: Units) -> Task:
        promised = Promise.of(spec.kind, job)
        options = {"request": request, PROMISE: promised, LOANS: needed(job, request)}
        return Task(spec, self._bounded(), units, job.perform, options)

    def _bounded(self) -> Location:
        """Return where the fleet is, with the roots of today: a plan may be older."""
        return bounded(self.ledger.location, self.ledger.state())

    def carry_out(
        self,
        job: Job[Any],
        request: Request,
        spec: RunSpec,
        pinned: Pinned,
        selection: Selection | str | None,
        progress: Progress | None,
        started: float,
    ) -> dict[str, Any]:
        """Run the work of a job, commit what it found, and return the run's summary.

        Args:
            job: any.
            request: what it is asked for, with every name resolved.
            spec: of the run.
            pinned: the fleet as the run sees it.
            selection: which models.
            progress: called with the models done and the models in all.
            started: by the clock of this process.
        """
        faults = requests.faults(job)
        for fault in faults:
            warnings.warn(fault, ArgosyWarning, stacklevel=4)
        scope = self._scope(job, request, spec, pinned, selection)
        units = _units(job, request, spec, scope)
        task = self._task(job, request, spec, units)
        try:
            with breadcrumbs.kept(spec.run_id) as before:
                answers, lost, guilty = execute(task, progress, wary=before is not None)
        except KeyboardInterrupt:
            way_on = str(Stopped.at(spec.run_id, "interrupted")) if spec.resumable else ""
            raise KeyboardInterrupt(way_on) from None
        missing = pl.concat([lost.drop("cause"), units.unfit])
        found = Found(scope, units, answers, missing, spec.run_id, spec.started, pinned.latest)
        conclusion = (job.conclude or as_answered(job))(request, found)
        kept = {
            "faults": faults,
            MISSED: requests.missed(job, request),
            "versions": requests.versions(job, request),
            "left_out": left_out(scope, units, [tally.left_out for tally in answers.tallies]),
        }
        Proofs.of(self.ledger.location).save()
        ended = found, conclusion, guilty, kept, started
        summary = commit(pinned, self.facts, job, spec, *ended, self._look)
        for told in _unsound(job, conclusion):
            warnings.warn(told, ArgosyWarning, stacklevel=4)
        return summary


def _unsound(job: Job[Any], conclusion: Conclusion) -> list[str]:
    """Say which plugins answered numbers that cannot be believed, and how many."""
    first = job.tables[0]
    rows = conclusion.heard.get(first.name, conclusion.tables.get(first.name))
    return counted(rows, first.offered) if isinstance(rows, pl.DataFrame) else []


_SILENT = "the job answered no row for it"


def as_answered(job: Job[Any]) -> Callable[[Any, Found], Conclusion]:
    """Conclude to write the chunks' tables as they are, and a row for each model without one."""

    def conclude(_: Any, found: Found) -> Conclusion:  # noqa: ANN401
        first, *others = (table.name for table in job.tables)
        answered = [*found.answers.parts(first)]
        silent = found.units.ready.select("model", "version").join(
            pl.concat([part.select("model") for part in (*answered, found.lost)]),
            on="model",
            how="anti",
            maintain_order="left",
        )
        lost = pl.concat([found.lost, silent.with_columns(reason=pl.lit(_SILENT))])
        failed = lost.with_columns(status=pl.lit("failed"))
        rows = pl.concat([*answered, failed], how="diagonal_relaxed")
        bad, unknown = missed([rows])
        tables: dict[str, Any] = {first: rows}
        tables |= {name: found.answers.portions(name) for name in others}
        models = found.units.models
        rowless = 0 if models is None else models.n_unique() - rows["model"].n_unique()
        return Conclusion(tables, failed=bad + rowless, unknown=unknown)

    return conclude


def _units(job: Job[Any], request: Request, spec: RunSpec, scope: Scope) -> Units:
    """Check what is asked of the selected models, and lay it out; nothing is written yet."""
    with requests.saying_which(spec.kind, request):
        if job.check is not None and not spec.resumed:
            job.check(request, scope)
        if job.units is not None:
            return job.units(request, scope)
        return with_data(scope, getattr(request, "data", None))


_TAKEN = ("seconds", "read", "made")


def _costs(state: State, kind: str) -> Costs:
    """Return what a model cost in the last run of a kind that recorded it."""
    runs = state["run"].filter(pl.col("job") == kind).sort("seq", descending=True).head(20)
    for run_id, options in runs.select("run_id", "options").iter_rows():
        took = json.loads(options or "{}").get("took") or {}
        if took.get("models"):
            each = {name: (took.get(name) or 0) / took["models"] or None for name in _TAKEN}
            return Costs(**each, run=run_id)
    return Costs()
