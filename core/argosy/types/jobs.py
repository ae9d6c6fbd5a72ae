"""A job: what is asked of it, what it needs of a fleet, and what becomes of what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    import polars as pl
    import pyarrow as pa
    import pydantic

    from argosy.types.request import Request
    from argosy.types.view import FleetState, FleetView
    from argosy.types.work import Chunk, Tables


R = TypeVar("R", bound="Request")


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
    """The column that is null in a row about a whole model."""
    offered: str = "status"
    """The column that names what a plugin offered, such as a metric."""
    version: str = "version"
    """The column of the version that a row is about."""
    cites: str | None = None
    """The column that names files beside the fleet; `sha256` stands beside it."""
    folder: str = ""
    """The folder of those files, below the fleet's."""
    by_run: bool = False
    """Whether each run's files lie in a folder of its own, named after the run."""
    detail: str | None = None
    """Where old rows may be let go to save space (`argosy maintain --keep-facts`): the table that
    says which run was a model's last, whose rows stay."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows of a table, made when they are needed."""

    rows: int
    """How many there are."""
    make: Callable[[], pl.DataFrame]
    """Make them; in whatever thread."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a job is about when it begins."""

    view: FleetView
    """The fleet as it stood then, whatever others change meanwhile."""
    models: pl.DataFrame
    """The selected models: `model`, `template`, and `version`, `task`, `format`, `artifact`,
    `digest` and `features` of their newest version."""
    everything: bool
    """Whether nobody selected any of them."""
    location: Any
    """Where the fleet and its files are: an `argosy.store.location.Location`."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """The versions that the work of models loads, where these are not those of the units."""

    units: pl.DataFrame
    """One row per model, version and data that it is asked on: what `perform` needs, and besides
    `model`, that of the work, `owner` and `owner_version`, whose version it is."""
    perform: Callable[[Chunk], Tables]
    """Ask one version by itself."""


@dataclass(frozen=True, slots=True)
class Units:
    """What is to be worked on."""

    ready: pl.DataFrame
    """One row per model version, `model` and `version` and all that the work needs to know; in the
    order in which their data lies, so that neighbours are read together."""
    unfit: pl.DataFrame
    """`model`, `version` and `reason` of those that cannot be worked on."""
    models: pl.Series | None = None
    """The models that the run is about, where they are not those of the two."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the work is told besides; must be picklable."""
    isolate: bool = False
    """Whether the work parses artifacts, so that it must not share the caller's process."""
    reads: Sequence[str] = ("binding",)
    """The columns of `ready` that are bindings of data that the work reads."""
    also: Collection[str] = ()
    """Columns of that data that are needed besides features and those that bindings name."""
    suspects: Suspects | None = None
    """Who may be to blame where a model is lost, if not its version."""
    kept: Any = None
    """What `conclude` is handed again."""


class Answers(Protocol):
    """The tables that chunks answered, each in the order of the plan."""

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """Read one table, a chunk at a time."""
        ...

    def portions(self, name: str, columns: Sequence[str] | None = None) -> list[Portion]:
        """Return one table as a portion per chunk, to be read when it is needed."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a job found."""

    scope: Scope
    units: Units
    answers: Answers
    lost: pl.DataFrame
    """`model`, `version` and `reason` of those that could not be worked on, and of those whose
    work was lost."""
    run_id: str
    started: datetime
    """When the run began, however often it was carried on."""
    latest: Callable[[], FleetState]
    """The fleet as it stands by now."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is written of a run, and told."""

    tables: Mapping[str, pl.DataFrame | Sequence[Portion]]
    """Rows by fact table, written in this order; `run_id` and `at` are added."""
    failed: int
    """How many models failed."""
    models: pl.Series | None = None
    """The models that the run is about, where they are not those of the units."""
    drifted: int = 0
    unknown: int = 0
    """How many models could not be judged, besides those that failed."""
    heard: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """What listeners hear of tables that are given in portions."""
    changes: Callable[[FleetState], Mapping[str, pl.DataFrame]] | None = None
    """What the run changes in the same commit, decided on the fleet as it stands then: rows by kind
    of entity, of the core's kinds with their `key`. May be called several times."""


class Printer(Protocol):
    """Where a command prints what a run found."""

    json: bool
    """Whether one JSON document is wanted, and nothing else."""

    def emit(
        self,
        answer: pl.DataFrame | Mapping[str, Any],
        columns: Sequence[str] | None = None,
        title: str | None = None,
        limit: int | None = 50,
    ) -> None:
        """Print a table or an object, as JSON or for a person."""
        ...

    def say(self, line: str) -> None:
        """Print a line to a person."""
        ...

    def run(self, run: Ran, done: str) -> None:
        """Print a run's summary, and what it could not do.

        Args:
            run: that is committed.
            done: what was done with the models that did not fail, such as `evaluated`.
        """
        ...


class Ran(Protocol):
    """A run that is committed."""

    summary: dict[str, Any]

    @property
    def id(self) -> str:
        """The run's identity."""
        ...

    @property
    def view(self) -> FleetView:
        """The fleet that it was carried out on."""
        ...

    def results(self) -> pl.DataFrame:
        """Return every row of the run's first table."""
        ...

    def failures(self) -> pl.DataFrame:
        """Return `model`, `version` and `reason` of whatever the run could not do."""
        ...


@dataclass(frozen=True, slots=True)
class Job(Generic[R]):
    """All that there is to a job; see `JobKind`."""

    request: type[R]
    """What is asked of it."""
    tables: tuple[FactTable, ...]
    """What its runs append to; the first has the results of a run, and a row for a model that
    failed: `model`, `version`, `status` (`failed`) and `reason`."""
    perform: Callable[[Chunk], Tables]
    """Work on the models of a chunk: Arrow tables by name. It is a function at the top of a module,
    which workers import; the chunk's options hold the `request`, the fleet's `location` and what
    `Units.options` adds. Without `conclude`, it answers tables of `tables` with columns of their
    schemas, and of the first at least `model`, `version` and `status`."""
    units: Callable[[R, Scope], Units] | None = None
    """Say what is to be worked on; else each model with the data of the request's role `data`."""
    conclude: Callable[[R, Found], Conclusion] | None = None
    """Decide over all that was found; else what chunks answered is written as it is."""
    resolve: Callable[[R], R] | None = None
    """Fill in what depends on what is installed and set where the run begins."""
    plugins: Sequence[str] = ("sources",)
    """The kinds of plugins that the work asks, besides those that fields of the request name:
    those that could not be asked are told of with the run."""
    effects: Callable[[R], frozenset[str]] | None = None
    """What a run changes besides its tables, as `Policy.touches` names it: policies are asked about
    it before any work, and its command takes `--reason`."""
    unversioned: bool = False
    """Whether models without a version are worked on too."""
    done: str = "done"
    """What is said of models that did not fail, such as `evaluated`."""
    doing: str = "working"
    """What stands before the bar of progress, such as `evaluating`."""
    flags: type[pydantic.BaseModel] | None = None
    """Options of the command that say how the answer is shown, and are no part of the request."""
    show: Callable[[Printer, Ran, Any], int | None] | None = None
    """Print what a run found, given an instance of `flags`; else its summary and failures.

    It may return an exit code, which is 1 else where nothing succeeded.
    """


@dataclass(frozen=True, slots=True)
class JobKind:
    """A verb that takes a while and is kept as a run."""

    name: str
    """What users type: the command, the kind of its runs, what policies know it by; lowercase."""
    summary: str
    """One line for `argosy --help`."""
    load: Callable[[], Job[Any]]
    """Import and return it; called only when it is needed, for what it imports may be heavy."""
