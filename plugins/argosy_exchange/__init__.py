"""Exchange models with other systems: `argosy import`, `argosy export`.

Reading order: `command`, `exchange` (importers and exporters of plugins, asked and blamed).
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
    """Offer `argosy import` and `argosy export`."""
    yield Command("import", "Register the models that another system lists.", _import)
    yield Command("export", "Write the fleet's tables for another system.", _export)


def _import() -> click.Command:
    from argosy_exchange.command import import_

    return import_


def _export() -> click.Command:
    from argosy_exchange.command import export

    return export
