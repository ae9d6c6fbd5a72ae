"""How a command prints what a run found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from argosy.types.view import FleetView


class Printer(Protocol):
    """Where a command prints what a run found."""

    json: bool
    """Whether one JSON document is wanted and nothing else."""

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
        """Print a line for a person."""
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
        """The fleet that it worked on."""
        ...

    def results(self) -> pl.DataFrame:
        """Return every row of the run's first table."""
        ...

    def failures(self) -> pl.DataFrame:
        """Return `model`, `version` and `reason` of whatever the run could not do."""
        ...
