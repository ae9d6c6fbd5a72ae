"""What every worker does around a job's work: apply the driver's settings, stage the result."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.data.apart import EngineFailed, panicked
from argosy.data.datasets import counting
from argosy.data.guard import reading
from argosy.data.left_out import collecting
from argosy.data.proven import UNPROVEN, urls_unproven
from argosy.jobs.loans import LOANS
from argosy.jobs.memory_limit import within
from argosy.jobs.promise import PROMISE
from argosy.jobs.staged import stage, unfit
from argosy.plugins import lending
from argosy.plugins.aside import aside
from argosy.plugins.hidden import learn
from argosy.plugins.settings import using
from argosy.store.options import with_secrets
from argosy.store.origins import unexchanged

if TYPE_CHECKING:
    from collections.abc import Collection

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
    learn(settings)  # so that no secret is in what this process tells
    with_secrets(location.options)
    bare, apart = _bare(chunk)
    loans: Any = chunk.options.get(LOANS, ())
    with (
        using(settings),
        lending.using(loans),
        aside(),
        counting() as held,
        collecting() as left_out,
        within(chunk),
        reading(apart) as reads,
        unexchanged(location),
    ):
        try:
            tables = work(bare)
        except pl.exceptions.PanicException as error:  # no Exception: nobody else would catch it
            raise EngineFailed(panicked(error)) from error
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
        unsound=reads.unsound,
    )


def _bare(chunk: Chunk) -> tuple[Chunk, Collection[str]]:
    """Return a chunk as its work knows it, and the URLs that are to be read apart."""
    models: Any = chunk.models
    if UNPROVEN not in models.column_names:
        return chunk, ()
    return replace(chunk, models=models.drop_columns([UNPROVEN])), urls_unproven(models)
