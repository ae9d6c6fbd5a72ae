"""What users meet: commands, panels of a report, case studies, and other systems' files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import click
    import polars as pl
    import pyarrow as pa
    import pydantic

    from argosy.types.view import FleetView


@dataclass(frozen=True, slots=True)
class Importer:
    """A way in for models that another system lists."""

    name: str
    """What users type after `argosy import`; lowercase."""
    summary: str
    """One line for `argosy import --help`."""
    read: Callable[[str, Mapping[str, str]], pa.Table]
    """Turn what lies at a URL into a table that `register` takes; storage options as polars'."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """A way out for the fleet's tables."""

    name: str
    """What users type after `argosy export`; lowercase."""
    summary: str
    """One line for `argosy export --help`."""
    tables: tuple[str, ...]
    """The tables that it wants, as `argosy sql` names them."""
    write: Callable[[Mapping[str, pa.Table], str, Mapping[str, str]], None]
    """Write these tables to a URL, with storage options as polars'."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One section of the report or of a dashboard."""

    name: str
    """What users type to choose panels; lowercase."""
    title: str
    """Its heading."""
    place: int
    """Panels stand in ascending order of this number."""
    render: Callable[[FleetView], str | None]
    """Ask the fleet, and return a fragment of HTML; None where there is nothing to show.

    The fragment must escape whatever comes from the fleet, and must fetch nothing.
    """


@dataclass(frozen=True, slots=True)
class Accessor:
    """A family of verbs that a plugin adds to a fleet, as `fleet.NAME`."""

    name: str
    """What users write after `fleet.`; lowercase."""
    summary: str
    """One line of what it is for."""
    make: Callable[[Any], Any]
    """Return it for a `Fleet`, whose `ledger`, `facts` and `location` it may use."""


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand of `argosy`."""

    name: str
    """What users type; lowercase."""
    summary: str
    """One line for `argosy --help`."""
    load: Callable[[], click.Command]
    """Import and return it; called only when the user asks for it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a case with options is handed."""

    fleet: str
    """The URL of the fleet that it is played in."""
    data: Path | None
    """The folder of data sets; None where the user named none, and the case can do without."""
    options: Any
    """What the user set: an instance of the model that the case declares."""
    say: Callable[[str], None]
    """Tell a person a line; whoever asked for JSON does not get it."""
    progress: Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
    """Begin a step by its title; yields what `progress=` of a job takes."""


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example that reproduces figures given beforehand."""

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

    One that can is handed the folder only where the user names it with `--data`.
    """
