"""Aspects of one model: what `argosy show` says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl

    from argosy.types.printing import Printer
    from argosy.types.view import FleetView


class ReadAspect(Protocol):
    """Read the rows of a section."""

    def __call__(self, fleet: FleetView, model: str, version: str | None, /) -> pl.DataFrame:
        """Return the rows in the order in which they are shown; none if there is nothing to say.

        Args:
            fleet: to read, now or as it stood.
            model: its name.
            version: the one that is shown; None if the model has none.
        """
        ...


class WordRows(Protocol):
    """Put rows into words for a person; JSON has them as they are."""

    def __call__(self, rows: pl.DataFrame, /) -> pl.DataFrame:
        """Return the same rows, in the same order."""
        ...


class ShowAspect(Protocol):
    """Print an aspect by itself."""

    def __call__(
        self, printer: Printer, fleet: FleetView, model: str, version: str | None, /
    ) -> None:
        """Print it: one JSON document if `printer.json`, else for a person.

        Args:
            printer: where it goes.
            fleet: to read, now or as it stood.
            model: its name.
            version: the one that is shown; None if the model has none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """A table that `argosy show MODEL` prints if it has rows."""

    title: str
    """What stands above it, and its key in the JSON document."""
    place: int
    """Sections stand in ascending order of this number, after the versions of the model."""
    read: ReadAspect
    """Its rows."""
    columns: tuple[str, ...]
    """Those that a person sees, if they are there; JSON has all."""
    worded: WordRows | None = None
    """How rows are worded for a person."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something that is known of a model, such as how it drifted."""

    name: str
    """What users type: the flag `--NAME` of `argosy show`; lowercase."""
    summary: str
    """The flag's line of help."""
    show: ShowAspect | None = None
    """Print this aspect alone; without it there is no flag."""
    section: Section | None = None
    """What it adds to all that is known of a model."""
