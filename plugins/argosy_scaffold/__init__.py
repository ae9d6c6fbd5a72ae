"""Write the project of a new plugin: `argosy plugins new NAME --kind KIND`.

Reading order: `command`, `project` (what is written, and which names are refused), `kinds` (what
can be scaffolded); the texts are in `templates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy plugins new`."""

    def load() -> click.Command:
        from argosy_scaffold.command import new

        return new

    yield Command("plugins new", "Write the project of a new plugin.", load)
