"""What every worker does before its share of a job: take the driver's settings as its own."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from argosy.plugins.settings import using

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.types import Chunk, Tables

SETTINGS = "settings"
"""The option of a chunk that holds them."""


def prepared(work: Callable[[Chunk], Tables]) -> Callable[[Chunk], Tables]:
    """Let work see the options of plugins as they are set where the job was started."""

    @wraps(work)
    def perform(chunk: Chunk) -> Tables:
        given: Any = chunk.options.get(SETTINGS, {})
        with using(given):
            return work(chunk)

    return perform
