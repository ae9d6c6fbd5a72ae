"""Say what happened to a fleet, send it where people look, and keep what people should know.

`listener` puts changes and runs into words, `jsonl` appends them to a file, `webhook` posts them to
a host that was allowed by name, where `reached` lets it; `settings` are the options. `surfaces` has
the command, `unsent` tells triage of what was not delivered, `note` is what people attach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy_notices.surfaces import COMMAND, heard, sinks

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Offer the listener."""
    return heard()


@hookimpl
def argosy_sinks() -> Iterator[Sink]:
    """Offer a file of JSON lines, and a webhook."""
    return sinks()


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer models of which nobody was told."""
    from argosy_notices.unsent import UNSENT

    yield UNSENT


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy notices`."""
    yield COMMAND
