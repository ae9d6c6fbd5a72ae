"""For those who write plugins: `argosy plugins new NAME --kind KIND`, `check NAME` and `guide`.

Reading order: `command`, `project` (what is written, and which names are refused), `kinds` (what
can be scaffolded, and which suite proves it), `check` (runs the suites on what is installed),
`guide`; the texts are in `templates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import click

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy plugins new`, `argosy plugins check` and `argosy plugins guide`."""

    def named(name: str) -> Callable[[], click.Command]:
        def load() -> click.Command:
            from argosy_scaffold import command

            loaded: click.Command = getattr(command, name)
            return loaded

        return load

    yield Command("plugins new", "Write the project of a new plugin.", named("new"))
    yield Command("plugins check", "Run the suites on what a plugin offers.", named("check"))
    yield Command("plugins guide", "Print the guide for plugin authors.", named("guide"))
