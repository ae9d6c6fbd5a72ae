"""The fleet to read: its tables, its queries, what it says of its models, now or as it stood."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.lookup import Lookup
from argosy.errors import ReadOnly, UnknownName
from argosy.governance.outbox import Outbox
from argosy.governance.waiting import letters_of, waiting
from argosy.plugins import options
from argosy.plugins.settings import CORE
from argosy.store.damage import collect
from argosy.store.entity_kinds import entity_kinds, kind_of_table
from argosy.store.fact_tables import fact_tables
from argosy.store.facts import Facts
from argosy.store.ledger import Ledger
from argosy.store.past import Past
from argosy.store.roots import bounded
from argosy.store.verification import verify
from argosy.tables import KINDS, MODEL, VERSION, VIEWS
from argosy.views import entities, facts
from argosy.views.concept_drift import beside, persistent
from argosy.views.leaderboard import leaderboard as _leaderboard
from argosy.views.leaderboard import usual
from argosy.views.memo import Memo
from argosy.views.metrics import goodness, worst_slices
from argosy.views.overview import models, verdicts, with_fields
from argosy.views.overview import overview as _overview
from argosy.views.selection import Selection
from argosy.views.sql import query
from argosy.views.triage import triage, troubles

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.store.findings import Verification
    from argosy.store.location import Location
    from argosy.store.past import Pinned
    from argosy.store.state import State


class View:
    """Everything that can be asked of a fleet."""

    def __init__(self, location: Location, ledger: Ledger | Past | Pinned) -> None:
        self.location = location
        self.url = location.url
        self.facts = Facts(location)
        self._ledger = ledger
        self._memo = Memo()

    @property
    def state(self) -> State:
        """The entities as they stand."""
        return self._ledger.state()

    def read_only(self) -> View:
        """Return the same fleet without the verbs that change it, for plugins that only look."""
        view = View(self.location, self._ledger)
        view._memo = self._memo
        return view

    @property
    def past(self) -> bool:
        """Whether it is the fleet as it stood once, which no longer moves."""
        return not isinstance(self._ledger, Ledger)

    @property
    def seq(self) -> int:
        """The number of the last change that it sees; until it grows, all answers stay the same."""
        return self.state.seq

    @property
    def moment(self) -> datetime:
        """When it is, in UTC: now, or the time of the past that was asked for."""
        if isinstance(self._ledger, Past):
            return self._ledger.moment()
        return max(datetime.now(UTC), self.state.at)

    # Tables, each a LazyFrame

    def models(self) -> pl.LazyFrame:
        """Every model with its newest version, ordered by name."""
        return models(self.state, self._memo).lazy()

    def versions(self) -> pl.LazyFrame:
        """Every version, oldest first."""
        return self._entities("versions", entities.versions, "version")

    def aliases(self) -> pl.LazyFrame:
        """Every alias of every model, and the version that it points at."""
        return self._entities("aliases", entities.aliases, "alias")

    def bindings(self) -> pl.LazyFrame:
        """Every binding: which data each model uses, by role."""
        return self._entities("bindings", entities.bindings, "binding")

    def runs(self) -> pl.LazyFrame:
        """Every run of a job, newest first."""
        return self._entities("runs", entities.runs, "run")

    def policies(self) -> pl.LazyFrame:
        """Every policy that changes must keep."""
        return self._entities("policies", entities.policies, "policy")

    def promotions(self) -> pl.LazyFrame:
        """Every promotion in waves as it stands: its last step, and how it ended."""
        return self._entities("promotions", entities.promotions, "promotion")

    def templates(self) -> pl.LazyFrame:
        """Every template: the prototypes whose instances are models."""
        return self._entities("templates", entities.templates, "template", "model")

    def roots(self) -> pl.LazyFrame:
        """Every root: the folders and prefixes that data and artifacts may come from."""
        make = partial(entities.roots, fleet=self.url)
        return self._entities("roots", make, "root")

    def quarantined(self) -> pl.LazyFrame:
        """Versions that no job touches because they killed their worker, and why."""
        return self._entities("quarantined", entities.quarantined, "quarantine")

    def events(self) -> pl.LazyFrame:
        """Every change in the order in which it happened, with old and new values."""
        return entities.events(self._ledger.scan())

    def trainings(self) -> pl.LazyFrame:
        """How each version was trained: one row per model of a run."""
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
        """Which file holds the predictions of each version: one row per model of a run."""
        return self._fact("predictions")

    def standing(self) -> pl.LazyFrame:
        """Every evaluation that stands: older values of the same thing are left out."""
        return facts.standing(self.state, self.facts)

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
        """Every incident as it last stood, open ones first: `state` is not `resolved`."""
        return facts.incidents(self.state, self.facts)

    def fits(self) -> pl.LazyFrame:
        """Which file holds what an estimator learnt from each version's reference."""
        return self._fact("fits")

    def profiles(self) -> pl.LazyFrame:
        """Which file holds the profile of each version's reference."""
        return self._fact("profiles")

    # Answers

    def where(self, expression: str) -> Selection:
        """Models that a SQL expression selects: `team = 'risk' AND tags.region = 'eu'`."""
        return Selection(self, expression)

    def get(
        self, model: str, alias: str | None = None, version: str | None = None
    ) -> dict[str, Any]:
        """One model with one version: the one of an alias, or a given one, or the newest.

        Raises:
            UnknownName: if there is no such model, alias or version.
        """
        state = self.state
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
                f"the model {model!r} has no version yet; `argosy train` or"
                " `argosy register` makes one"
            )
        if chosen.is_empty():
            raise UnknownName.among(f"version of {model}", str(version), known["version"])
        return {
            **entity.select(MODEL.names).row(0, named=True),
            **chosen.select(VERSION.names).row(0, named=True),
        }

    def table(self, name: str) -> pl.LazyFrame:
        """One table by its name, as `sql` knows it; those that plugins bring too.

        Raises:
            UnknownName: if there is none of that name.
        """
        if name in VIEWS:
            own: pl.LazyFrame = getattr(self, name)()
            return own
        kind = kind_of_table(name)
        if kind is not None:
            return self._entities(name, partial(entities.brought, kind=kind), kind.name)
        if name not in fact_tables():
            raise UnknownName.among("table", name, self.tables())
        return self._fact(name)

    def tables(self) -> list[str]:
        """All names that `table` takes."""
        brought = [kind.table for kind in entity_kinds().values()]
        return list(dict.fromkeys([*VIEWS, *brought, *fact_tables()]))

    def verdicts(self) -> pl.DataFrame:
        """How the drift of each newest version stands: drifted, clear or unknown."""
        return verdicts(self.state, self.facts)

    def notices(self) -> pl.DataFrame:
        """Notices that no sink has taken yet, oldest first; not of a fleet as it stood once.

        Raises:
            ReadOnly: of the fleet as it stood once: they wait now.
        """
        if self.past:
            raise ReadOnly("notices wait now, not in the past; leave out as_of to see them")
        return waiting(letters_of(Outbox(self.location)))

    def worst_slices(self, run: str) -> pl.DataFrame:
        """Worst slice of each model that a run evaluated."""
        return worst_slices(self.evaluations().filter(run_id=run))

    def leaderboard(
        self,
        metric: str | None = None,
        data: str | None = None,
        where: str | None = None,
        group_by: str | None = None,
        slice_: str = "all",
        window: str | None = None,
        varies: str = "rows",
    ) -> pl.DataFrame:
        """Rank models, or groups of them, by a metric, the best first.

        Only numbers of one role, one slice and one window are ranked together. Models that have no
        such number are left out.

        Args:
            metric: its name; defaults to `default_metric`.
            data: the role of the data; not needed if the metric was measured on one role only.
            where: a SQL expression; defaults to every model.
            group_by: a column or SQL expression over the fleet, such as `team` or `tags.region`.
            slice_: which slice of the rows.
            window: which window; defaults to all rows where any model was measured on them, else
                the newest whole window.
            varies: what the interval of a group's mean is over: `rows` (these models on other
                rows), `both` (other models of the kind, on other rows) or `models` (other models,
                however many rows there are of each).

        Returns:
            `rank`, `model`, `version`, `value`, `lower`, `upper`, `n`, `dataset`, `window` (null:
            all rows) and `dataset_digest`; or `rank`, the group, `models`, the mean `value` of its
            models with the 95 % interval of that mean, what `varies` in it, `n` (all their rows),
            `dataset`, `window`, and its `best` and `worst` model.

        Raises:
            UnknownName: for a metric, role, slice or window that nothing was measured of.
            BadInput: if it was measured on several roles and none is named.
        """
        chosen = self.overview(set()) if where is None else self.where(where).frame()
        name = metric or self.default_metric()
        rows = collect(self.standing().filter(metric=name), self.url)
        return _leaderboard(rows, chosen, name, data, group_by, slice_, window, varies)

    def default_metric(self) -> str:
        """Name the metric that most models were measured by.

        Raises:
            BadInput: if there was no evaluation yet.
        """
        measured = self.standing().filter(pl.col("metric").is_not_null(), status="ok")
        return usual(collect(measured.select("model", "metric"), self.url))

    def triage(self) -> pl.DataFrame:
        """Models that need a person, worst first, each with one reason."""
        return triage(self.read_only())

    def troubles(self) -> pl.DataFrame:
        """All that triage found of any model, worst first, and the `state` that it is a sign of."""
        return troubles(self.read_only())

    def concept_drift(self) -> pl.DataFrame:
        """Models whose realised performance keeps lying beyond what was estimated.

        The option `core.concept` says how often it must. Only the newest version and those that an
        alias points at are considered; doing better than was estimated is no alarm, and windows
        must be whole. One row per model and version: `metric`, `times`, `among`, `gap` (realised
        less estimated), `since`, `severity` (the gap in widths of the band) and the `reason` in
        words.
        """
        versions = entities.in_use(self.state)
        rows = collect(self.realised(), self.url).join(versions, on=["model", "version"])
        worse = goodness(pl.col("realised")) < goodness(pl.col("estimated"))
        rows = rows.with_columns(worse=worse.fill_null(value=True))
        return persistent(rows, options(CORE).concept)

    def sql(self, text: str) -> pl.DataFrame:
        """Answer a SQL query over all tables, and `fleet`: one row per model with all it has.

        Maps are read by name: `tags.region`, `versions.metrics.auc`.

        Raises:
            UnknownName: for a table or column that does not exist.
            BadInput: for a query that is not SQL, or that would change something.
        """
        return query(self, text)

    def overview(self, wanted: set[str] | None = None, aliases: bool = True) -> pl.DataFrame:
        """One row per model: its newest version, tags, aliases and latest results.

        Args:
            wanted: the columns that will be used; costly ones are left out unless named.
            aliases: include aliases even if they are not named.
        """
        return _overview(self.state, self.facts, self._memo, wanted, aliases)

    def with_fields(self, table: str) -> pl.LazyFrame:
        """One table with its maps as structs, so that SQL can name their keys."""
        kind = kind_of_table(table)
        kinds = KINDS if kind is None else (kind.name,)
        return with_fields(table, self.table(table), self.state, self._memo, kinds)

    def lookup(self, role: str) -> Lookup:
        """Return a handle that finds single rows of a role, by model and id, in milliseconds.

        It keeps footers and bindings between lookups, so hold on to it, and `refresh` it after a
        change of the fleet.

        Args:
            role: the one that `predict` bound, or any role of Parquet files with an `id`.

        Raises:
            UnknownName: if nothing is bound to the role.
        """
        return Lookup(bounded(self.location, self._now()), self._ledger.state, role)

    def verify(self, head: str | None = None) -> Verification:
        """Compare changes, facts and the files that they name with the hashes that stand for them.

        Changes are compared with the hash chain, the rows of each finished run with the number
        and the digest that its row on the ledger cites, files with their SHA-256.

        Args:
            head: a head that an earlier verification returned; the chain must still contain it.

        Raises:
            BadInput: for a malformed head.
            StoreError: if the ledger cannot be opened.
        """
        return verify(self._ledger, self.facts, head)

    def _now(self) -> State:
        """Return the fleet as it stands: what may be read today is no matter of the past."""
        return self.state if isinstance(self._ledger, Ledger) else self._ledger.latest()

    def _fact(self, name: str) -> pl.LazyFrame:
        return facts.of_finished(name, self.state, self.facts)

    def _entities(
        self, name: str, make: Callable[[State], pl.DataFrame], *kinds: str
    ) -> pl.LazyFrame:
        return self._memo.table(name, self.state, make, kinds).lazy()
