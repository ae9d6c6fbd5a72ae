"""What this plugin shows of itself, each loaded where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from argosy.types import Listener, Sink


def heard() -> Iterator[Listener]:
    """Yield the listener."""
    from argosy_notices import listener

    yield listener.LISTENER


def sinks() -> Iterator[Sink]:
    """Yield a file of JSON lines, and a webhook."""
    from argosy_notices import jsonl, webhook

    yield jsonl.SINK
    yield webhook.SINK


def _load() -> click.Command:
    from argosy_notices.command import notices

    return notices


COMMAND = Command("notices", "List notices that were not delivered, or send them.", _load)
