"""What every worker does around its work: take the driver's settings, stage the answer."""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any

from argosy.data.datasets import counting
from argosy.jobs.memory import within
from argosy.jobs.staging import stage
from argosy.plugins.settings import using

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.types import Chunk, Tables

SETTINGS, STAGE = "settings", "stage"
"""The options of a chunk that hold the driver's settings, and the run that it is part of."""


def prepared(work: Callable[[Chunk], Tables]) -> Callable[[Chunk], Tables]:
    """Let work see the options of plugins as where the job was started, and stage its answer."""

    @wraps(work)
    def perform(chunk: Chunk) -> Tables:
        given: Any = chunk.options.get(SETTINGS, {})
        location: Any = chunk.options["location"]
        run = str(chunk.options[STAGE])
        started = time.perf_counter()
        with using(given), counting() as held, within(chunk):
            found = work(chunk)
        spent = time.perf_counter() - started
        return stage(
            found,
            location,
            run,
            chunk.id,
            models=chunk.models.num_rows,
            seconds=spent,
            read=held.most,
        )

    return perform
