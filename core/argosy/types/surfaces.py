"""What users see: commands, panels of the report, case studies, and files of other systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import click
    import polars as pl
    import pyarrow as pa
    import pydantic

    from argosy.types.view import FleetView


class ReadModels(Protocol):
    """Read what another system lists."""

    def __call__(self, url: str, storage_options: Mapping[str, str], /) -> pa.Table:
        """Return a table that `register` takes: `model`, `version`, and any other of its columns.

        Args:
            url: where the list is.
            storage_options: what the store needs to be reached, as polars takes them.

        Raises:
            BadInput: if the list cannot be read; the user sees the message as it is.
        """
        ...


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports models that another system lists."""

    name: str
    """What users type after `argosy import`; lowercase."""
    summary: str
    """One line for `argosy import --help`."""
    read: ReadModels
    """Read the list."""


class WriteTables(Protocol):
    """Write tables of the fleet for another system."""

    def __call__(
        self, tables: Mapping[str, pa.Table], url: str, storage_options: Mapping[str, str], /
    ) -> None:
        """Write them in place of what is there, which the user has agreed to replace.

        Args:
            tables: those that the exporter asks for, by name, with every column.
            url: where they go.
            storage_options: what the store needs to be reached, as polars takes them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Exporter:
    """Exports tables of the fleet."""

    name: str
    """What users type after `argosy export`; lowercase."""
    summary: str
    """One line for `argosy export --help`."""
    tables: tuple[str, ...]
    """The tables that it wants, as `argosy sql` names them."""
    write: WriteTables
    """Write these tables."""


class RenderPanel(Protocol):
    """Draw a section of the report."""

    def __call__(self, fleet: FleetView, /) -> str | None:
        """Return a fragment of HTML, or None if there is nothing to show.

        The fragment must escape whatever comes from the fleet, and must fetch nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Panel:
    """One section of the report or of a dashboard."""

    name: str
    """What users type to choose panels; lowercase."""
    title: str
    """Its heading."""
    place: int
    """Panels stand in ascending order of this number."""
    render: RenderPanel
    """Draw it."""


class MakeAccessor(Protocol):
    """Make a family of verbs for one fleet."""

    def __call__(self, fleet: Any, /) -> Any:  # noqa: ANN401
        """Return an object whose methods are the verbs; made anew each time it is asked for.

        Args:
            fleet: a `Fleet`, whose `ledger`, `facts` and `location` the verbs may use.
        """
        ...


@dataclass(frozen=True, slots=True)
class Accessor:
    """A family of verbs that a plugin adds to a fleet, as `fleet.NAME`."""

    name: str
    """What users write after `fleet.`; lowercase."""
    summary: str
    """One line of what it is for."""
    make: MakeAccessor
    """Make it for a fleet."""


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand of `argosy`."""

    name: str
    """What users type; lowercase. With a space, as in `plugins new`, it joins a group of commands:
    one of argosy's, or one that a plugin offers."""
    summary: str
    """One line for `argosy --help`."""
    load: Callable[[], click.Command]
    """Import and return it; called only when the user asks for it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a case with options is handed."""

    fleet: str
    """The URL of the fleet that the case is played in."""
    data: Path | None
    """The folder of data sets; None if the user named none and the case does not need it."""
    options: Any
    """What the user set: an instance of the model that the case declares."""
    say: Callable[[str], None]
    """Print a line for a person; left out with `--json`."""
    progress: Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
    """Begin a step by its title; yields a function for `progress=` of a job."""


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example that reproduces figures stated in advance."""

    name: str
    """What users type after `argosy case run`; lowercase."""
    summary: str
    """One line for `argosy cases`."""
    run: Callable[..., pl.DataFrame]
    """Play it: the fleet's URL and the data folder in, the figures out.

    A case that declares `options` is handed a `Stage` instead of the two.
    The figures have the columns `figure` (string), `expected`, `measured` (float64),
    `tolerance` (float64, relative) and `holds` (bool).
    """
    options: type[pydantic.BaseModel] | None = None
    """What the user may set: `--clients 40` sets the field `clients`.

    Values are validated before `run` is called. A field cannot be called `data` or `name`, or as a
    global option of `argosy` is; a description is its line of help.
    """
    needs_data: bool = True
    """Whether it cannot be played without a folder of data sets.

    If it can, it is handed a folder only when the user names one with `--data`.
    """
