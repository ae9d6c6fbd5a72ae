"""`argosy demo`: a thousand models of real data, thirty of which drift.

``scenario`` tells the story; ``datasets``, ``roster`` and ``windows`` make what it starts from,
``training`` the models, ``planting`` the faults; ``command`` is what the user types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from argosy.types import Command

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy demo`."""
    from argosy.types import Command

    yield Command("demo", "Train a fleet, plant drift in it, and find the drift.", _load)


def _load() -> click.Command:
    from argosy_demo.command import demo

    return demo
