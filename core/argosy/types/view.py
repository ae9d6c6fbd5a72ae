"""A fleet to read, as hooks, selections and queries see it: now, or as it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import polars as pl


class FleetState(Protocol):
    """The newest row of every entity of a fleet."""

    @property
    def seq(self) -> int:
        """The last change that it holds."""
        ...

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """Return the live entities of one kind, in no particular order."""
        ...

    def whole(self, kind: str) -> pl.DataFrame:
        """Return the entities of one kind, the deleted ones too, in no particular order."""
        ...

    def lookup(self, kind: str, keys: pl.Series, live: bool = False) -> pl.DataFrame:
        """Return the entities with one of the keys, the deleted ones too unless `live`."""
        ...


class Chosen(Protocol):
    """Models that were chosen from a fleet; they are looked up anew each time."""

    def where(self, expression: str) -> Chosen:
        """Choose among them."""
        ...

    def frame(self) -> pl.DataFrame:
        """One row per chosen model, with all that is known of it."""
        ...


class FleetView(Protocol):
    """Everything that can be asked of a fleet, and nothing that changes it."""

    url: str
    """Where it is."""

    @property
    def state(self) -> FleetState:
        """The entities as they stand."""
        ...

    @property
    def past(self) -> bool:
        """Whether it is the fleet as it stood once, which no longer moves."""
        ...

    @property
    def seq(self) -> int:
        """The number of the last change that it sees; until that grows, its answers stand."""
        ...

    def table(self, name: str) -> pl.LazyFrame:
        """Return a table by its name, as `sql` knows it."""
        ...

    def tables(self) -> list[str]:
        """Return the names of all tables."""
        ...

    def models(self) -> pl.LazyFrame:
        """Every model with its newest version, ordered by name."""
        ...

    def versions(self) -> pl.LazyFrame:
        """Every version, oldest first."""
        ...

    def aliases(self) -> pl.LazyFrame:
        """Where each alias of each model points."""
        ...

    def bindings(self) -> pl.LazyFrame:
        """Every binding: which data each model uses, by role."""
        ...

    def runs(self) -> pl.LazyFrame:
        """Every job that was carried out, newest first."""
        ...

    def events(self) -> pl.LazyFrame:
        """Every change, in the order in which it happened, with old and new value."""
        ...

    def evaluations(self) -> pl.LazyFrame:
        """Every evaluation of every run: one row per model, dataset, slice and metric."""
        ...

    def standing(self) -> pl.LazyFrame:
        """Return evaluations as they stand: older values of the same thing are left out."""
        ...

    def drift(self) -> pl.LazyFrame:
        """Every drift result of every run: one row per model, column and detector."""
        ...

    def incidents(self) -> pl.LazyFrame:
        """Every incident as it stood last, the open ones first."""
        ...

    def verdicts(self) -> pl.DataFrame:
        """One row per model from its last drift check: whether it drifted, and why."""
        ...

    def concept_drift(self) -> pl.DataFrame:
        """Return the models whose realised performance lies beyond what was estimated."""
        ...

    def triage(self) -> pl.DataFrame:
        """Return the models that need a person, worst first, each with one reason."""
        ...

    def overview(self, wanted: set[str] | None = None, aliases: bool = True) -> pl.DataFrame:
        """One row per model: its newest version, tags, aliases and latest results."""
        ...

    def with_fields(self, table: str) -> pl.LazyFrame:
        """Return a table with its maps as structs, so that SQL can name their keys."""
        ...

    def worst_slices(self, run: str) -> pl.DataFrame:
        """Return the worst slice of each model that a run evaluated."""
        ...

    def where(self, expression: str) -> Chosen:
        """Select models by a SQL expression, such as `team = 'risk' AND tags.region = 'eu'`."""
        ...

    def get(
        self, model: str, alias: str | None = None, version: str | None = None
    ) -> dict[str, Any]:
        """One model with one version: that of an alias, or a given one, or the newest."""
        ...

    def sql(self, text: str) -> pl.DataFrame:
        """Answer a SQL query over all tables."""
        ...
