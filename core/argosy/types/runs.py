"""What a run works on, what its chunks find, and what is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    import polars as pl
    import pyarrow as pa

    from argosy.types.view import FleetState, FleetView
    from argosy.types.work import PerformChunk


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table that runs append to."""

    name: str
    """What users type; lowercase."""
    schema: pa.Schema
    """Its columns, `run_id` (string) and `at` (timestamp in microseconds, UTC) among them."""
    summary: str = ""
    """What a row is, in one line."""
    part: str = "status"
    """The column that is null in rows about a whole model."""
    offered: str = "status"
    """The column that names what a plugin offered, such as a metric."""
    version: str = "version"
    """The column that holds the version of a row."""
    cites: str | None = None
    """The column that names files beside the fleet; the column `sha256` has their digests."""
    folder: str = ""
    """The folder of those files, below the fleet's."""
    by_run: bool = False
    """Whether each run's files lie in a folder of its own, named after the run."""
    detail: str | None = None
    """If old rows may be removed to save space (`argosy maintain --keep-facts`): the table that
    shows which run was a model's last; the rows of that run stay."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows of a table, made when needed."""

    rows: int
    """How many there are."""
    make: Callable[[], pl.DataFrame]
    """Make them, in any thread."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a job starts from."""

    view: FleetView
    """The fleet as it stood then, whatever others change meanwhile."""
    models: pl.DataFrame
    """The selected models: `model`, `template`, and `version`, `task`, `format`, `artifact`,
    `digest` and `features` of their newest version."""
    everything: bool
    """Whether these are all models, because no selection was given."""
    location: Any
    """Where the fleet and its files are: an `argosy.store.location.Location`."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """The versions that the work on a model loads, if these are not the versions of the units."""

    units: pl.DataFrame
    """One row per model, version and data: what `perform` needs, where `model` is the model being
    worked on, and `owner` and `owner_version` identify the loaded version."""
    perform: PerformChunk
    """Load one version by itself, and let it predict."""


@dataclass(frozen=True, slots=True)
class Units:
    """What is to be worked on."""

    ready: pl.DataFrame
    """One row per model version: `model`, `version` and all that the work needs to know, in the
    order of their data, so that neighbours are read together."""
    unfit: pl.DataFrame
    """`model`, `version` and `reason` of those that cannot be worked on."""
    models: pl.Series | None = None
    """The models that the run is about, if they are not those of `ready` and `unfit`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else the work is told; must be picklable."""
    isolate: bool = False
    """Whether the work parses artifacts, so that it must not share the caller's process."""
    reads: Sequence[str] = ("binding",)
    """The columns of `ready` that are bindings of data that the work reads."""
    also: Collection[str] = ()
    """Columns of that data that are needed besides features and the columns that bindings name."""
    suspects: Suspects | None = None
    """The versions that may be to blame for a lost model, if not its own."""
    kept: Any = None
    """Anything that `conclude` needs; it finds it in `Found.units`."""


class Answers(Protocol):
    """The tables that chunks returned, each in the order of the plan."""

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Read one table, a chunk at a time."""
        ...

    def portions(self, name: str, columns: Sequence[str] | None = None) -> list[Portion]:
        """Return one table as a portion per chunk, to be read when needed."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a job found."""

    scope: Scope
    units: Units
    answers: Answers
    lost: pl.DataFrame
    """`model`, `version` and `reason` of the models that could not be worked on, or whose work was
    lost."""
    run_id: str
    started: datetime
    """When the run first began, however often it was resumed."""
    latest: Callable[[], FleetState]
    """The fleet as it stands now."""


class DecideChanges(Protocol):
    """Decide what a run changes in the fleet."""

    def __call__(self, state: FleetState, /) -> Mapping[str, pl.DataFrame]:
        """Return rows by kind of entity; those of the core's kinds have their `key`.

        It may be called several times if somebody else changes the fleet meanwhile. The rules of
        plugins' kinds (`EntityKind.refuse`) are asked about these rows as about those of `put`: if
        they refuse any, the run is not committed.

        Args:
            state: the fleet as it stands when the run is committed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is written of a run, and what listeners hear."""

    tables: Mapping[str, pl.DataFrame | Sequence[Portion]]
    """Rows by fact table, written in this order; `run_id` and `at` are added."""
    failed: int
    """How many models failed."""
    models: pl.Series | None = None
    """The models that the run is about, if they are not those of the units."""
    drifted: int = 0
    unknown: int = 0
    """How many models could not be judged, besides those that failed."""
    independent: int = 0
    """Of how many models rows were taken for independent, for want of a timestamp and clusters."""
    heard: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """What listeners hear of tables that are given in portions, by fact table."""
    changes: DecideChanges | None = None
    """What the run changes in the same commit."""
