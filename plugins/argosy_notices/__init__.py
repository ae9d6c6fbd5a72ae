"""Say what happened to a fleet, send it where people look, and keep what people should know.

`listener` puts changes and runs into words, `jsonl` appends them to a file, `webhook` posts them to
a host that was allowed by name (`reached` checks where it lies), `settings` are the options of all
three. `command` lists and sends what waits in the fleet's outbox, `unsent` tells triage of it.
`note` is a kind of entity: what people attach to models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click
    from pydantic import BaseModel

    from argosy.types import Command, EntityKind, Listener, Sink, TriageCause

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_options() -> type[BaseModel]:
    """Declare where notices go."""
    from argosy_notices.settings import Options

    return Options


@hookimpl
def argosy_kinds() -> Iterator[EntityKind]:
    """Offer notes."""
    from argosy_notices.note import NOTE

    yield NOTE


@hookimpl
def argosy_listeners() -> Iterator[Listener]:
    """Offer the listener, where somebody wants to know."""
    from argosy_notices import listener

    if listener.wanted():
        yield listener.LISTENER


@hookimpl
def argosy_sinks() -> Iterator[Sink]:
    """Offer a file of JSON lines, and a webhook."""
    from argosy_notices import jsonl, webhook

    yield jsonl.SINK
    yield webhook.SINK


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer models of which nobody was told."""
    from argosy_notices.unsent import UNSENT

    yield UNSENT


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy notices`."""
    from argosy.types import Command

    yield Command("notices", "List notices that were not delivered, or send them.", _load)


def _load() -> click.Command:
    from argosy_notices.command import notices

    return notices
