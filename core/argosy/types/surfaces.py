"""What users meet: commands, panels of a report, case studies, and other systems' files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import click
    import polars as pl
    import pyarrow as pa

    from argosy.reading import Reading


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
    render: Callable[[Reading], str | None]
    """Ask the fleet, and return a fragment of HTML; None where there is nothing to show.

    The fragment must escape whatever comes from the fleet, and must fetch nothing.
    """


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
class Case:
    """A worked example that reproduces published figures."""

    name: str
    """What users type after `argosy case run`; lowercase."""
    summary: str
    """One line for `argosy cases`."""
    run: Callable[[str, Path], pl.DataFrame]
    """Play it: the fleet's URL and the data folder in, the figures out.

    The figures have the columns `figure` (string), `expected`, `measured` (float64),
    `tolerance` (float64, relative) and `holds` (bool).
    """
