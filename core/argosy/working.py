"""The fleet at work: jobs over a selection, each a run with its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.drift.job import check_drift
from argosy.drift.rules import drift_rules
from argosy.errors import BadInput, ReadOnly, UnknownName
from argosy.estimation.job import estimate
from argosy.evaluation.job import evaluate
from argosy.jobs.job import refuse_empty
from argosy.jobs.plan import kept, unfinished
from argosy.jobs.run import Run
from argosy.jobs.staging import Staged
from argosy.jobs.stopping import cancel
from argosy.reading import Reading
from argosy.resuming import explained, resumable, resumed
from argosy.store.past import Past, moment
from argosy.views import entities
from argosy.views.overview import UNIT
from argosy.views.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from argosy.jobs.running import Progress
    from argosy.store.ledger import Ledger


class Working(Reading):
    """Everything that takes a while and is kept as a run."""

    @resumable("evaluate")
    def evaluate(
        self,
        selection: Selection | str | None = None,
        data: str = "holdout",
        metrics: Sequence[str] | None = None,
        executor: str = "local",
        *,
        truth: str | None = None,
        window: str | None = None,
        at: datetime | str | None = None,
        slices: Sequence[str] = (),
        depth: int = 1,
        least: int = 30,
        segments: bool = False,
        fresh: bool = False,
        bootstrap: int = 0,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Run:
        """Evaluate the newest version of each selected model; a failing model is a row.

        Args:
            selection: which models; all that are not retired unless given.
            data: the role of the data.
            metrics: names; all that apply and take part by default unless given.
            executor: where the work runs.
            truth: the role of a table of labels that are joined by id to data without a truth
                of its own; `truth` unless given, where something is bound to it.
            window: how rows are cut: `1d`, `1w`, `1mo` (by the binding's timestamp), `1000 rows`,
                or `by COLUMN`; all rows together unless given.
            at: when it is, for the binding's `label_delay`; the newest timestamp of each model's
                rows unless given.
            slices: SQL expressions; their values are measured one by one, besides all rows.
            depth: of up to how many of the expressions together there are slices.
            least: a slice with fewer rows is not measured.
            segments: cut by the segments of each model's binding too.
            fresh: measure windows again whose rows are those of an earlier run that measured
                the same; else only windows are measured in which labels or rows came.
            bootstrap: take errors and intervals from so many draws of rows; those of each metric
                unless given. 200 do for an error, 1,000 for an interval.
            seed: of the draws.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, metric or executor that does not exist.
            BadInput: if no model is selected, or a window, slice or time cannot be meant.
        """
        ledger, units = self._writable(), self._units(selection, "evaluate")
        summary = evaluate(
            ledger,
            self._facts,
            ledger.state(),
            units,
            data,
            truth=truth,
            metrics=metrics,
            window=window,
            at=None if at is None else moment(at),
            slices=slices,
            depth=depth,
            least=least,
            segments=segments,
            fresh=fresh,
            bootstrap=bootstrap,
            seed=seed,
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)

    @resumable("estimate")
    def estimate(
        self,
        selection: Selection | str | None = None,
        reference: str = "holdout",
        current: str = "current",
        estimators: Sequence[str] | None = None,
        executor: str = "local",
        *,
        window: str | None = None,
        fresh_reference: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Estimate how each selected model does on rows whose truth is not known yet.

        Args:
            selection: which models; all that are not retired unless given.
            reference: the role of rows with ground truth that the model was not trained on.
            current: the role of the rows to estimate for.
            estimators: names; all that apply unless given.
            executor: where the work runs.
            window: how current rows are cut, as for `evaluate`; all rows together unless given.
            fresh_reference: fit again on the reference rows, as after they were replaced at the
                same URL; else what was learnt of a version is kept with its reference.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, estimator or executor that does not exist.
            BadInput: if no model is selected.
        """
        ledger, units = self._writable(), self._units(selection, "estimate")
        summary = estimate(
            ledger,
            self._facts,
            ledger.state(),
            units,
            reference,
            current,
            estimators,
            window=window,
            fresh_reference=fresh_reference,
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)

    @resumable("drift")
    def check_drift(
        self,
        selection: Selection | str | None = None,
        reference: str = "reference",
        current: str = "current",
        detectors: Sequence[str] | None = None,
        executor: str = "local",
        *,
        window: str | None = None,
        against: str = "fixed",
        segments: Sequence[str] = (),
        rules: Sequence[Mapping[str, Any]] | None = None,
        fresh_reference: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Compare two roles' data for each selected model, with fleet-wide false-alarm control.

        Args:
            selection: which models; all that are not retired unless given.
            reference: the role of the rows that the model knows.
            current: the role of the rows that it meets now.
            detectors: names; all that take part by default unless given.
            executor: where the work runs.
            window: how current rows are cut: `1d`, `1w`, `1mo` (by the binding's timestamp),
                `1000 rows`, or `by COLUMN`; all rows together unless given.
            against: what each window is compared with: `fixed` (the reference), `rolling 4` (the
                four windows before it) or `seasonal 4w` (the one that began four weeks before).
            segments: SQL expressions; their values are compared one by one, besides all rows.
            rules: what models are held to, as the option `core.drift` holds it, which is taken
                unless given: `where`, `level`, `floors`, `min_rows`, `agree`.
            fresh_reference: read the reference rows again, as after they were replaced at the
                same URL; else a version's profile is made once per binding.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, detector or executor that does not exist.
            BadInput: if no model is selected, or a window, segment or rule cannot be meant.
        """
        ledger, units = self._writable(), self._units(selection, "drift")
        summary = check_drift(
            ledger,
            self._facts,
            ledger.state(),
            units,
            reference,
            current,
            detectors=detectors,
            window=window,
            segments=segments,
            against=against,
            rules=drift_rules(rules),
            select=lambda where: self.where(where).frame()["model"],
            fresh_reference=fresh_reference,
            executor=executor,
            progress=progress,
        )
        return Run(self, summary)

    def explain(self, verb: str, *args: Any, **kwargs: Any) -> pl.DataFrame:  # noqa: ANN401
        """Return the chunks that a verb (`evaluate`, `check_drift` ...) would run, and do nothing.

        One row per chunk: `chunk`, `models`, `seconds` (of one core, null where no earlier run
        tells), `bytes` (of rows, null likewise), `limit` (seconds after which it is stopped) and
        `cores` (how many chunks run at a time).

        Args:
            verb: its name.
            args: as the verb takes them.
            kwargs: as the verb takes them.

        Raises:
            UnknownName: for what is no verb that takes a while.
        """
        return explained(self, verb, args, kwargs)

    def unfinished(self) -> pl.DataFrame:
        """Return the runs that were begun and not committed, those at work now among them."""
        return unfinished(self._writable().location)

    def resume(
        self,
        run_id: str,
        executor: str | None = None,
        other_software: bool = False,
        other_data: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Carry on a run whose driver was stopped or died; what its chunks found is not redone.

        It sees the fleet as it stood when the run began, and commits once however often it is
        resumed. A run that is committed already is returned as it is. What is staged is kept for as
        long as `maintain` keeps what nothing names.

        Args:
            run_id: as `unfinished` lists it.
            executor: where the rest runs; where the run began unless given.
            other_software: go on though plugins or libraries have changed since.
            other_data: go on though the data has: new rows for the models that are left.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: if there is no such run.
            PluginError: if what is installed is not what the run began with.
            StoreError: if the data is not, naming the files.
        """
        ledger = self._writable()
        if run_id in ledger.state()["run"]["run_id"]:
            Staged(ledger.location, run_id).clear()
            return self.run(run_id)
        return resumed(self, run_id, executor, other_software, other_data, progress)

    def cancel(self, run_id: str) -> None:
        """Ask a run that is at work to stop, wherever its driver is; it can be resumed.

        Raises:
            UnknownName: if no unfinished run has that id.
        """
        location = self._writable().location
        kept(location, run_id)
        cancel(location, run_id)

    def run(self, run_id: str) -> Run:
        """Return a run that was carried out earlier.

        Raises:
            UnknownName: if there is none of that id.
        """
        known = self.runs().collect()
        found = known.filter(run_id=run_id)
        if found.is_empty():
            raise UnknownName.among("run", run_id, known["run_id"])
        names = ("run_id", "kind", "models", "ok", "failed", "drifted", "seconds")
        return Run(self, found.select(names).row(0, named=True))

    def _writable(self) -> Ledger:
        if isinstance(self._ledger, Past):
            raise ReadOnly(
                f"this is the fleet as it stood after change {self._ledger.state().seq}, which is"
                " read-only; open it without as_of to change it"
            )
        return self._ledger

    def _units(
        self, selection: Selection | str | None, verb: str, unborn: bool = False
    ) -> pl.DataFrame:
        """Return the selected models with their newest version; with `unborn`, the others too."""
        if isinstance(selection, str):
            selection = self.where(selection)
        if selection is not None and not isinstance(selection, Selection):
            raise BadInput("a selection is what fleet.where returns, or a SQL expression")
        state = self._ledger.state()
        live = state["model"].filter(pl.col("retired").ne_missing(True)).select("model", "template")
        newest = entities.newest(state).select(UNIT)
        units = (
            live.join(newest, on="model", how="left")
            if unborn
            else newest.join(live, on="model", how="inner")
        )
        if selection is not None:
            units = units.join(selection.frame().select("model"), on="model", how="semi")
        refuse_empty(units, selection.expression if selection is not None else None)
        self._writable().refuse(verb, units["model"])
        return units
