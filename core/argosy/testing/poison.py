"""Models that take their worker down, for tests of whatever runs chunks."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

import argosy
from argosy.jobs.spec import RunSpec
from argosy.plugins.settings import configured, using
from argosy.registry.quarantine import barred
from argosy.store.past import Pinned
from argosy.tables import FACTS
from argosy.types import Job, Scope, Units
from argosy.types.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy.fleet import Fleet
    from argosy.jobs.chunking import Costs
    from argosy.types import Chunk, Tables

GREED = 2**40
"""Bytes that a greedy model asks for: more than a machine has."""


def fleet_of(folder: Path, models: Sequence[str]) -> Fleet:
    """Make a fleet of models without data."""
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register({"model": list(models), "version": ["1"] * len(models)})
    return fleet


def carried(
    fleet: Fleet,
    executor: str = "local",
    time_limit: float = 4.0,
    costs: Costs | None = None,
    **besides: object,
) -> dict[str, Any]:
    """Run `perform` over a whole fleet in processes of its own, as a verb would.

    Args:
        fleet: of models with telling names.
        executor: where it runs.
        time_limit: as the option `core.time_limit`, of which a chunk has twice as much.
        costs: of a model, where the plan is to know them.
        besides: told to the workers.

    Returns:
        The summary of the run, which is committed; its rows are in `fleet.evaluations()`.
    """
    ledger = fleet.ledger
    state = ledger.state()
    spec = RunSpec("evaluate", {}, executor, state.seq, resumable=False, barred=barred(state))
    if costs is not None:
        spec = replace(spec, costs=costs)

    def units(_: Request, scope: Scope) -> Units:
        ready = scope.models.select("model", "version").sort("model")
        unfit = ready.clear().with_columns(reason=pl.lit(None, pl.String))
        return Units(ready, unfit, options=besides, isolate=True, reads=())

    job = Job(Request, (FACTS["evaluations"],), perform, units)
    core = {"time_limit": time_limit, "most_failures": 1.0}
    with using({**configured(), "core": core}):
        return fleet.driver.carry_out(
            job, Request(), spec, Pinned(ledger, state), None, None, time.perf_counter()
        )


def perform(chunk: Chunk) -> Tables:
    """Score every model with the length of its name; but some do harm.

    A name that begins with `segfault` dies by the signal, `exit` leaves without a word, `hang`
    sleeps for an hour, `greedy` fills a terabyte, `raise` raises, and `slow` takes 0.2 s. Where
    the option `marks` names a folder, the process writes its id there when it begins a chunk.
    """
    marks = chunk.options.get("marks")
    if marks:
        (Path(str(marks)) / f"{os.getpid()}").touch()
    models = pl.DataFrame(chunk.models).select("model", "version")
    for name in models["model"]:
        _suffer(str(name))
    rows = models.with_columns(
        metric=pl.lit("length"),
        value=pl.col("model").str.len_chars().cast(pl.Float64),
        n=pl.lit(1, pl.Int64),
        status=pl.lit("ok"),
    )
    return {"evaluations": rows.with_columns(reason=pl.lit(None, pl.String)).to_arrow()}


def _suffer(name: str) -> None:
    if name.startswith("segfault"):
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(60)  # until the signal is there
    elif name.startswith("exit"):
        os._exit(1)
    elif name.startswith("hang"):
        time.sleep(3600)
    elif name.startswith("greedy"):
        held = bytearray(GREED)
        held[:: 2**12] = b"x" * len(held[:: 2**12])
    elif name.startswith("raise"):
        raise ValueError("a poison model")
    elif name.startswith("slow"):
        time.sleep(0.2)
