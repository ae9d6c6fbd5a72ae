"""What every worker does around a job's work: apply the driver's settings, stage the result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from argosy.data.datasets import counting
from argosy.data.left_out import collecting
from argosy.jobs.memory_limit import within
from argosy.jobs.promise import PROMISE
from argosy.jobs.staged import stage, unfit
from argosy.plugins.settings import using

if TYPE_CHECKING:
    from argosy.types import Chunk, Tables

SETTINGS, STAGE, WORK = "settings", "stage", "work"
"""The options of a chunk that hold the driver's settings, the run that it is part of, and what is
to be done."""


def perform(chunk: Chunk) -> Tables:
    """Do the work of a chunk, and return the list of files that hold its result."""
    settings: Any = chunk.options.get(SETTINGS, {})
    location: Any = chunk.options["location"]
    work: Any = chunk.options[WORK]
    started = time.perf_counter()
    with using(settings), counting() as held, collecting() as left_out, within(chunk):
        tables = work(chunk)
    promise: Any = chunk.options.get(PROMISE)
    broken = promise.broken(tables) if promise else None
    if broken:  # by every chunk, so that it is not tried in halves
        return unfit(broken)
    return stage(
        tables,
        location,
        str(chunk.options[STAGE]),
        chunk.id,
        models=chunk.models.num_rows,
        seconds=time.perf_counter() - started,
        read=held.most,
        left_out=left_out.told(),
    )
