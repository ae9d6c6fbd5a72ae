"""The fleet to read: its tables, its queries, what it says of its models, now or as it stood."""

from __future__ import annotations

import operator
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy import triage as _triage
from argosy.errors import UnknownName
from argosy.estimation.gap import beside, persistent
from argosy.evaluation.leaderboard import leaderboard as _leaderboard
from argosy.evaluation.leaderboard import usual
from argosy.evaluation.summary import worst_slices
from argosy.plugins import options
from argosy.plugins.settings import CORE
from argosy.registry import views
from argosy.registry.query import query
from argosy.registry.selection import Selection, as_struct
from argosy.store.damage import collect
from argosy.tables import KINDS, MODEL, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.past import Past
    from argosy.store.state import State

UNIT = ("model", "version", "task", "format", "artifact", "digest", "features")
"""What a job and a selection know of each model's newest version."""


_REGISTERED = ("model", "version", "template")
"""The kinds of entities that a selection sees, but for aliases and results."""

_OWN = frozenset(MODEL.names) - {"tags"}
"""What a model has of its own, so that nothing need be joined."""

_OF_TEMPLATE = ("trainer", "schedule", "period", "effect_delay")
"""What a selection knows of each model's template."""


class Reading:
    """Everything that can be asked of a fleet."""

    def __init__(self, url: str, ledger: Ledger | Past, facts: Facts) -> None:
        self.url = url
        self._ledger = ledger
        self._facts = facts
        self._seen: dict[str, tuple[tuple[object, ...], pl.DataFrame]] = {}

    @property
    def seq(self) -> int:
        """The number of the last change that it sees; until that grows, its answers stand."""
        return self._ledger.state().seq

    # Tables, each a LazyFrame

    def models(self) -> pl.LazyFrame:
        """Every model with its newest version, ordered by name."""
        return self._models().lazy()

    def versions(self) -> pl.LazyFrame:
        """Every version, oldest first."""
        return self._view("versions", views.versions, ("version",)).lazy()

    def aliases(self) -> pl.LazyFrame:
        """Where each alias of each model points."""
        return self._view("aliases", views.aliases, ("alias",)).lazy()

    def bindings(self) -> pl.LazyFrame:
        """Say what data is bound to which models, by role."""
        return self._view("bindings", views.bindings, ("binding",)).lazy()

    def runs(self) -> pl.LazyFrame:
        """Every job that was carried out, newest first."""
        return self._view("runs", views.runs, ("run",)).lazy()

    def policies(self) -> pl.LazyFrame:
        """Return the policies that every change must keep."""
        return self._view("policies", views.policies, ("policy",)).lazy()

    def promotions(self) -> pl.LazyFrame:
        """Return every promotion in waves as it stands: its last step, and how it ended."""
        return self._view("promotions", views.promotions, ("promotion",)).lazy()

    def templates(self) -> pl.LazyFrame:
        """Every template: the prototypes whose instances are models."""
        return self._view("templates", views.templates, ("template", "model")).lazy()

    def quarantined(self) -> pl.LazyFrame:
        """Return the versions that no job touches because they killed their worker, and why."""
        return self._view("quarantined", views.quarantined, ("quarantine",)).lazy()

    def events(self) -> pl.LazyFrame:
        """Every change, in the order in which it happened, with old and new value."""
        return views.events(self._ledger.scan())

    def trainings(self) -> pl.LazyFrame:
        """Say how each version was trained: one row per model of a run."""
        return self._fact("trainings")

    def evaluations(self) -> pl.LazyFrame:
        """Every evaluation of every run: one row per model, dataset, slice and metric."""
        return self._fact("evaluations")

    def comparisons(self) -> pl.LazyFrame:
        """Every comparison of every run: one row per model, challenger, test and metric."""
        return self._fact("comparisons")

    def realised(self) -> pl.LazyFrame:
        """Every realised value beside what was estimated: one row per model, window and metric."""
        return beside(self.estimates(), self.evaluations())

    def gates(self) -> pl.LazyFrame:
        """Every gate that a version was held to: one row per model and gate."""
        return self._fact("gates")

    def predictions(self) -> pl.LazyFrame:
        """Say in which file it is kept what each version predicted: one row per model of a run."""
        return self._fact("predictions")

    def standing(self) -> pl.LazyFrame:
        """Return evaluations as they stand: older values of the same thing are left out."""
        return views.standing(self._ledger.state(), self._facts)

    def estimates(self) -> pl.LazyFrame:
        """Every estimate of every run: one row per model, dataset, estimator and metric."""
        return self._fact("estimates")

    def drift(self) -> pl.LazyFrame:
        """Every drift result of every run: one row per model, column and detector."""
        return self._fact("drift")

    def distributions(self) -> pl.LazyFrame:
        """Bin counts, reference and current, of the columns that drifted."""
        return self._fact("distributions")

    def incidents(self) -> pl.LazyFrame:
        """Every incident as it stood last, the open ones first: `state` is not `resolved`."""
        return views.incidents(self._ledger.state(), self._facts)

    def fits(self) -> pl.LazyFrame:
        """Say in which file it is kept what an estimator learnt of each version's reference."""
        return self._fact("fits")

    def profiles(self) -> pl.LazyFrame:
        """Say in which file the profile of each version's reference is kept."""
        return self._fact("profiles")

    # Answers

    def where(self, expression: str) -> Selection:
        """Select models by a SQL expression, such as `team = 'risk' AND tags.region = 'eu'`."""
        return Selection(self, expression)

    def get(
        self, model: str, alias: str | None = None, version: str | None = None
    ) -> dict[str, Any]:
        """Return one model with one version: that of an alias, or a given one, or the newest.

        Raises:
            UnknownName: if there is no such model, alias or version.
        """
        state = self._ledger.state()
        mine = pl.col("model") == model
        entity = state.lookup("model", pl.Series([model])).filter(~pl.col("deleted"))
        if entity.is_empty():
            raise UnknownName.among("model", model, state["model"]["model"])
        if alias is not None:
            pointed = dict(state["alias"].filter(mine).select("alias", "version").rows())
            if alias not in pointed:
                raise UnknownName.among(f"alias of {model}", alias, pointed)
            version = pointed[alias]
        known = state["version"].filter(mine).sort("seq", "ord")
        chosen = known.tail(1) if version is None else known.filter(version=version)
        if version is None and known.is_empty():
            raise UnknownName(
                f"the model {model!r} has no version yet; `argosy retrain` or"
                " `argosy register` makes one"
            )
        if chosen.is_empty():
            raise UnknownName.among(f"version of {model}", str(version), known["version"])
        return {
            **entity.select(MODEL.names).row(0, named=True),
            **chosen.select(VERSION.names).row(0, named=True),
        }

    def verdicts(self) -> pl.DataFrame:
        """Return one row per model from its last drift check: whether it drifted, and why."""
        last = views.latest("verdicts", self._ledger.state(), self._facts)
        return collect(last.drop("run_id", "at"), self.url)

    def worst_slices(self, run: str) -> pl.DataFrame:
        """Return the worst slice of each model that a run evaluated, as `Run.worst_slices` says."""
        return worst_slices(self.evaluations().filter(run_id=run))

    def leaderboard(
        self,
        metric: str | None = None,
        data: str | None = None,
        where: str | None = None,
        group_by: str | None = None,
        slice_: str = "all",
    ) -> pl.DataFrame:
        """Rank models, or groups of them, by a metric, the best first.

        Args:
            metric: its name, which says its direction; `usual_metric` unless given.
            data: the role of the data; not needed where the metric was measured on one only.
            where: a SQL expression; every model unless given.
            group_by: a column or SQL expression over the fleet, such as `team` or `tags.region`.
            slice_: which slice of the rows.

        Returns:
            `rank`, `model`, `version`, `value`, `lower`, `upper`, `n`, `window`, `dataset_digest`;
            or `rank`, the group, `models`, the mean `value` of its models with the 95 % interval
            of that mean, `n` (all their rows), and its `best` and `worst` model.

        Raises:
            UnknownName: for a metric, role or slice that nothing was measured of.
            BadInput: if it was measured on several roles and none is named.
        """
        chosen = self.overview(set()) if where is None else self.where(where).frame()
        name = metric or self.usual_metric()
        rows = collect(self.standing().filter(metric=name), self.url)
        return _leaderboard(rows, chosen, name, data, group_by, slice_)

    def usual_metric(self) -> str:
        """Name the metric that most models were measured by.

        Raises:
            BadInput: if there was no evaluation yet.
        """
        measured = self.standing().filter(pl.col("metric").is_not_null(), status="ok")
        return usual(collect(measured.select("model", "metric"), self.url))

    def triage(self) -> pl.DataFrame:
        """Return the models that need a person, worst first, each with one reason."""
        state = self._ledger.state()
        last = views.latest("evaluations", state, self._facts)
        broken = collect(last.filter(pl.col("metric").is_null()), self.url)
        live = self.models().filter(pl.col("retired").ne_missing(True)).collect()
        return _triage.triage(live, self.verdicts(), broken, self.concept_drift())

    def concept_drift(self) -> pl.DataFrame:
        """Return the models whose realised performance keeps lying beyond what was estimated.

        How often it must is the option `core.concept`. Looked at are the newest version and those
        that an alias points at. One row per model and version: `metric`,
        `times`, `among`, `gap` (realised less estimated) and the `reason` in words.
        """
        state = self._ledger.state()
        used = [views.newest(state), state["alias"]]
        versions = pl.concat([each.select("model", "version") for each in used]).unique()
        rows = collect(self.realised(), self.url).join(versions, on=["model", "version"])
        return persistent(rows, options(CORE).concept)

    def sql(self, text: str) -> pl.DataFrame:
        """Answer a SQL query over all tables, and `fleet`: one row per model with all it has.

        Maps are read by name: `tags.region`, `versions.metrics.auc`.

        Raises:
            UnknownName: for a table or column that does not exist.
            BadInput: for a query that is no SQL, or would change something.
        """
        return query(self, text)

    def overview(self, wanted: set[str] | None = None, aliases: bool = True) -> pl.DataFrame:
        """Return one row per model: its newest version, tags, aliases and latest results.

        Args:
            wanted: the columns that will be looked at; the costly ones are left out unless named.
            aliases: whether these are looked at though they are not named.
        """
        if wanted is not None and not aliases and wanted <= _OWN:
            return views.own(self._ledger.state(), wanted)
        if aliases or wanted is None or "aliases" in wanted:
            frame = self._view("overview", self._with_aliases, (*_REGISTERED, "alias"))
        else:
            frame = self._view("registered", self._registered, _REGISTERED)
        if wanted is None or "metrics" in wanted:
            frame = self._with_metrics(frame)
        if wanted is None or wanted & {"drifted", "q_model", "worst_column"}:
            judged = self.verdicts().select("model", "drifted", "q_model", "worst_column")
            frame = frame.join(judged, on="model", how="left", maintain_order="left")
        return frame

    def with_fields(self, table: str) -> pl.LazyFrame:
        """Return a table with its maps as structs, so that SQL can name their keys."""
        frame: pl.LazyFrame = getattr(self, table)()
        maps = [name for name, kind in frame.collect_schema().items() if isinstance(kind, pl.Map)]
        if not maps:
            return frame

        def structured(_: State) -> pl.DataFrame:
            whole = frame.collect()
            for name in maps:
                whole = as_struct(whole, name)
            return whole

        return self._view(f"{table} with fields", structured).lazy()

    def _models(self) -> pl.DataFrame:
        counted = self._view("counted", views.counted, ("version",))
        return self._view("models", partial(views.models, counted=counted), ("model", "version"))

    def _registered(self, state: State) -> pl.DataFrame:
        newest = self._view("newest", views.newest, ("version",)).select(UNIT)
        frame = self._models().drop("newest_version")
        frame = frame.join(newest, on="model", how="left", maintain_order="left")
        if state["template"].height:
            known = state["template"].select("template", *_OF_TEMPLATE)
            frame = frame.join(known, on="template", how="left", maintain_order="left")
        return as_struct(frame, "tags")

    def _with_aliases(self, state: State) -> pl.DataFrame:
        frame = self._view("registered", self._registered, _REGISTERED)
        if state["alias"].is_empty():
            return frame
        pointed = state["alias"].pivot("alias", index="model", values="version")
        names = [name for name in pointed.columns if name != "model"]
        aliases = pointed.select("model", aliases=pl.struct(names))
        return frame.join(aliases, on="model", how="left", maintain_order="left")

    def _with_metrics(self, frame: pl.DataFrame) -> pl.DataFrame:
        last = views.latest("evaluations", self._ledger.state(), self._facts)
        whole = last.filter(pl.col("metric").is_not_null(), slice="all")
        values = views.newest_window(whole).select("model", "metric", "value")
        measured = collect(values, self.url)
        if measured.is_empty():
            return frame
        wide = measured.pivot("metric", index="model", values="value", aggregate_function="first")
        names = [name for name in wide.columns if name != "model"]
        metrics = wide.select("model", metrics=pl.struct(names))
        return frame.join(metrics, on="model", how="left", maintain_order="left")

    def _fact(self, name: str) -> pl.LazyFrame:
        return views.facts(name, self._ledger.state(), self._facts)

    def _view(
        self, name: str, make: Callable[[State], pl.DataFrame], kinds: Iterable[str] = KINDS
    ) -> pl.DataFrame:
        """Make a table once, until what it is made of changes: a query costs only itself."""
        state = self._ledger.state()
        held = state.held(kinds)
        seen, table = self._seen.get(name, ((), None))
        if table is None or not all(map(operator.is_, seen, held)):
            table = make(state)
            self._seen[name] = (held, table)
        return table
