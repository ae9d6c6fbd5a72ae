"""The fleet: open it, write to it, select from it, run jobs over it, and see what it says."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from argosy import triage as _triage
from argosy.drift.job import check_drift
from argosy.drift.verdict import verdicts
from argosy.errors import BadInput, UnknownName
from argosy.evaluation.job import evaluate
from argosy.jobs.job import refuse_empty
from argosy.jobs.run import Run
from argosy.registry import aliasing, binding, registration, views
from argosy.registry.query import query
from argosy.registry.selection import Selection, as_struct
from argosy.store.facts import Facts
from argosy.store.ledger import Ledger
from argosy.store.location import Location, absolute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from argosy.jobs.running import Progress

_VERSION_COLUMNS = ("model", "version", "task", "format", "artifact", "digest", "features")


def open(  # noqa: A001
    url: str,
    create: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    actor: str | None = None,
) -> Fleet:
    """Open the fleet at a URL.

    Args:
        url: a folder or a URL such as `s3://bucket/fleet`.
        create: make an empty fleet where there is none.
        storage_options: what the store needs to be reached.
        actor: who is said to make the changes; the user's name unless given.

    Raises:
        FleetNotFound: if there is no fleet and `create` is false.
        NewerStore: if a later argosy wrote it.
        StoreError: if the URL cannot be read.

    >>> import tempfile
    >>> fleet = open(tempfile.mkdtemp() + "/fleet", create=True)
    >>> fleet.register({"model": ["churn"], "version": ["1"], "team": ["web"]})["outcome"].item()
    'registered'
    >>> fleet.where("team = 'web'").frame()["model"].to_list()
    ['churn']
    """
    location = Location(absolute(url), dict(storage_options or {}))
    if create and location.marker() is None:
        location.create()
    location.require()
    return Fleet(location, actor or _user())


class Fleet:
    """Thousands of models as a handful of tables; get one with `argosy.open`."""

    def __init__(self, location: Location, actor: str) -> None:
        self.url = location.url
        self._ledger = Ledger(location, actor)
        self._facts = Facts(location)

    # Tables, each a LazyFrame

    def models(self) -> pl.LazyFrame:
        """Every model with its newest version, ordered by name."""
        return views.models(self._ledger.state()).lazy()

    def versions(self) -> pl.LazyFrame:
        """Every version, oldest first."""
        return views.versions(self._ledger.state()).lazy()

    def aliases(self) -> pl.LazyFrame:
        """Where each alias of each model points."""
        return views.aliases(self._ledger.state()).lazy()

    def bindings(self) -> pl.LazyFrame:
        """Say what data is bound to which models, by role."""
        return views.bindings(self._ledger.state()).lazy()

    def runs(self) -> pl.LazyFrame:
        """Every job that was carried out, newest first."""
        return views.runs(self._ledger.state()).drop("seq").lazy()

    def events(self) -> pl.LazyFrame:
        """Every change, in the order in which it happened."""
        return views.events(self._ledger.scan())

    def evaluations(self) -> pl.LazyFrame:
        """Every evaluation of every run: one row per model, dataset, slice and metric."""
        return views.facts("evaluations", self._ledger.state(), self._facts)

    def drift(self) -> pl.LazyFrame:
        """Every drift result of every run: one row per model, column and detector."""
        return views.facts("drift", self._ledger.state(), self._facts)

    def distributions(self) -> pl.LazyFrame:
        """Bin counts, reference and current, of the columns that drifted."""
        return views.facts("distributions", self._ledger.state(), self._facts)

    def verdicts(self) -> pl.DataFrame:
        """Return one row per model from its last drift check: whether it drifted, and why."""
        return verdicts(views.latest("drift", self._ledger.state(), self._facts).collect())

    def triage(self) -> pl.DataFrame:
        """Return the models that need a person, worst first, each with one reason."""
        state = self._ledger.state()
        last = views.latest("evaluations", state, self._facts)
        broken = last.filter(pl.col("metric").is_null()).collect()
        return _triage.triage(views.models(state), self.verdicts(), broken)

    def sql(self, text: str) -> pl.DataFrame:
        """Answer a SQL query over all tables, and `fleet`: one row per model with all it has.

        Raises:
            UnknownName: for a table or column that does not exist.
            BadInput: for a query that is no SQL, or would change something.
        """
        return query(self, text)

    def overview(self, wanted: set[str] | None = None) -> pl.DataFrame:
        """Return one row per model: its newest version, tags, aliases and latest results.

        Args:
            wanted: the columns that will be looked at; the costly ones are left out unless named.
        """
        state = self._ledger.state()
        newest = views.newest(state).select(_VERSION_COLUMNS)
        frame = views.models(state).drop("newest_version").join(newest, on="model", how="left")
        frame = as_struct(frame, "tags")
        if (wanted is None or "aliases" in wanted) and state["alias"].height:
            pointed = state["alias"].pivot("alias", index="model", values="version")
            names = [name for name in pointed.columns if name != "model"]
            frame = frame.join(
                pointed.select("model", aliases=pl.struct(names)), on="model", how="left"
            )
        if wanted is None or "metrics" in wanted:
            frame = self._with_metrics(frame)
        if wanted is None or wanted & {"drifted", "q_model", "worst_column"}:
            judged = self.verdicts().select("model", "drifted", "q_model", "worst_column")
            frame = frame.join(judged, on="model", how="left")
        return frame.sort("model")

    # Selecting and changing

    def where(self, expression: str) -> Selection:
        """Select models by a SQL expression, such as `team = 'risk' AND tags.region = 'eu'`."""
        return Selection(self, expression)

    def register(
        self,
        table: object,
        existing: Literal["refuse", "skip"] = "refuse",
        reason: str | None = None,
    ) -> pl.DataFrame:
        """Register model versions in one commit, or none; one outcome row per input row.

        Args:
            table: columns `model` and `version`, and any of those in `argosy.tables`.
            existing: what to do with a (model, version) that is registered already.
            reason: kept with the change.

        Raises:
            RowsRefused: if any row cannot be registered; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return registration.register(self._ledger, table, existing, reason)

    def bind(self, table: object, check: bool = True, reason: str | None = None) -> pl.DataFrame:
        """Bind data to models by role in one commit, or none; one outcome row per input row.

        Args:
            table: columns `role` and `url`, and `model` or `template` (neither: every model).
            check: refuse data that is not there yet.
            reason: kept with the change.

        Raises:
            RowsRefused: if any row cannot be bound; nothing is written.
            BadInput: for unknown, missing or mistyped columns.
        """
        return binding.bind(self._ledger, table, check, reason)

    def set_alias(
        self, versions: Selection | object, alias: str, reason: str | None = None
    ) -> pl.DataFrame:
        """Point an alias of many models at a version, in one commit; one outcome row per model.

        Args:
            versions: a selection (each model's newest version), or a table of `model`, `version`.
            alias: such as `champion`.
            reason: kept with the change.

        Raises:
            RowsRefused: for versions that do not exist; nothing is written.
        """
        if isinstance(versions, Selection):
            chosen = versions.frame().select("model", "version")
            refuse_empty(chosen, versions.expression)
            return aliasing.set_alias(self._ledger, chosen, alias, reason)
        return aliasing.set_alias(self._ledger, versions, alias, reason)

    # Jobs

    def evaluate(
        self,
        selection: Selection | str | None = None,
        data: str = "holdout",
        metrics: Sequence[str] | None = None,
        executor: str = "local",
        progress: Progress | None = None,
    ) -> Run:
        """Evaluate the newest version of each selected model; a failing model is a row.

        Args:
            selection: which models; all unless given.
            data: the role of the data, which must have ground truth.
            metrics: names; all that apply unless given.
            executor: where the work runs.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, metric or executor that does not exist.
            BadInput: if no model is selected.
        """
        units = self._units(selection)
        state = self._ledger.state()
        return Run(
            self,
            evaluate(self._ledger, self._facts, state, units, data, metrics, executor, progress),
        )

    def check_drift(
        self,
        selection: Selection | str | None = None,
        reference: str = "reference",
        current: str = "current",
        detectors: Sequence[str] | None = None,
        executor: str = "local",
        progress: Progress | None = None,
    ) -> Run:
        """Compare two roles' data for each selected model, with fleet-wide false-alarm control.

        Args:
            selection: which models; all unless given.
            reference: the role of the rows that the model knows.
            current: the role of the rows that it meets now.
            detectors: names; all unless given.
            executor: where the work runs.
            progress: called with the models done and the models in all.

        Raises:
            UnknownName: for a role, detector or executor that does not exist.
            BadInput: if no model is selected.
        """
        units = self._units(selection)
        state = self._ledger.state()
        summary = check_drift(
            self._ledger,
            self._facts,
            state,
            units,
            reference,
            current,
            detectors,
            executor,
            progress,
        )
        return Run(self, summary)

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

    def _units(self, selection: Selection | str | None) -> pl.DataFrame:
        if isinstance(selection, str):
            selection = self.where(selection)
        if selection is not None and not isinstance(selection, Selection):
            raise BadInput("a selection is what fleet.where returns, or a SQL expression")
        state = self._ledger.state()
        templates = state["model"].select("model", "template")
        units = views.newest(state).select(_VERSION_COLUMNS).join(templates, on="model", how="left")
        if selection is not None:
            units = units.join(selection.frame().select("model"), on="model", how="semi")
        refuse_empty(units, selection.expression if selection is not None else None)
        return units

    def _with_metrics(self, frame: pl.DataFrame) -> pl.DataFrame:
        last = views.latest("evaluations", self._ledger.state(), self._facts)
        values = last.filter(pl.col("metric").is_not_null()).select("model", "metric", "value")
        measured = values.collect()
        if measured.is_empty():
            return frame
        wide = measured.pivot("metric", index="model", values="value", aggregate_function="first")
        names = [name for name in wide.columns if name != "model"]
        return frame.join(wide.select("model", metrics=pl.struct(names)), on="model", how="left")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
