"""A fleet to read, as hooks, selections and queries see it: now, or as it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl


class FleetState(Protocol):
    """The newest row of every entity of a fleet."""

    @property
    def seq(self) -> int:
        """The number of the last change that it holds."""
        ...

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """Live entities of one kind, in no particular order."""
        ...

    def whole(self, kind: str) -> pl.DataFrame:
        """All entities of one kind, deleted ones too, in no particular order."""
        ...

    def lookup(self, kind: str, keys: pl.Series, live: bool = False) -> pl.DataFrame:
        """Entities with one of the keys, deleted ones too unless `live`."""
        ...


class Chosen(Protocol):
    """Models that were chosen from a fleet; looked up anew each time."""

    def where(self, expression: str) -> Chosen:
        """Those among them that a SQL expression selects."""
        ...

    def frame(self) -> pl.DataFrame:
        """One row per chosen model, with all that is known of it."""
        ...


class FleetView(Protocol):
    """What hooks may ask of a fleet; nothing here changes it.

    What they are handed has more methods, which may change with any release; these stay as long as
    the version of the API does.
    """

    @property
    def url(self) -> str:
        """Its address."""
        ...

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
        """The number of the last change that it sees; until it grows, all answers stay the same."""
        ...

    @property
    def moment(self) -> datetime:
        """When it is, in UTC: now, or the time of the past that was asked for."""
        ...

    def table(self, name: str) -> pl.LazyFrame:
        """One table by its name, as `sql` knows it; those that plugins bring too."""
        ...

    def tables(self) -> list[str]:
        """All names that `table` takes."""
        ...

    def models(self) -> pl.LazyFrame:
        """Every model with its newest version, ordered by name."""
        ...

    def versions(self) -> pl.LazyFrame:
        """Every version, oldest first."""
        ...

    def aliases(self) -> pl.LazyFrame:
        """Every alias of every model, and the version that it points at."""
        ...

    def bindings(self) -> pl.LazyFrame:
        """Every binding: which data each model uses, by role."""
        ...

    def runs(self) -> pl.LazyFrame:
        """Every run of a job, newest first."""
        ...

    def events(self) -> pl.LazyFrame:
        """Every change in the order in which it happened, with old and new values."""
        ...

    def evaluations(self) -> pl.LazyFrame:
        """Every evaluation of every run: one row per model, dataset, slice and metric."""
        ...

    def standing(self) -> pl.LazyFrame:
        """Every evaluation that stands: older values of the same thing are left out."""
        ...

    def drift(self) -> pl.LazyFrame:
        """Every drift result of every run: one row per model, column and detector."""
        ...

    def incidents(self) -> pl.LazyFrame:
        """Every incident as it last stood, open ones first: `state` is not `resolved`."""
        ...

    def verdicts(self) -> pl.DataFrame:
        """How the drift of each newest version stands: drifted, clear or unknown."""
        ...

    def concept_drift(self) -> pl.DataFrame:
        """Models whose realised performance keeps lying beyond what was estimated."""
        ...

    def triage(self) -> pl.DataFrame:
        """Models that need a person, worst first, each with one reason."""
        ...

    def troubles(self) -> pl.DataFrame:
        """All that triage found of any model, worst first, and the `state` that it is a sign of."""
        ...

    def overview(self, wanted: set[str] | None = None, aliases: bool = True) -> pl.DataFrame:
        """One row per model: its newest version, tags, aliases and latest results."""
        ...

    def with_fields(self, table: str) -> pl.LazyFrame:
        """One table with its maps as structs, so that SQL can name their keys."""
        ...

    def notices(self) -> pl.DataFrame:
        """Notices that no sink has taken yet, oldest first; not of a fleet as it stood once."""
        ...

    def worst_slices(self, run: str) -> pl.DataFrame:
        """Worst slice of each model that a run evaluated."""
        ...

    def where(self, expression: str) -> Chosen:
        """Models that a SQL expression selects: `team = 'risk' AND tags.region = 'eu'`."""
        ...

    def get(
        self, model: str, alias: str | None = None, version: str | None = None
    ) -> dict[str, Any]:
        """One model with one version: the one of an alias, or a given one, or the newest."""
        ...

    def sql(self, text: str) -> pl.DataFrame:
        """Answer a SQL query over all tables, and `fleet`: one row per model with all it has."""
        ...
