"""Runs that are committed by hand, for tests of whatever reads them."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import polars as pl

from argosy.jobs.commit import commit
from argosy.jobs.spec import RunSpec
from argosy.jobs.staged import Staged
from argosy.store.past import Pinned
from argosy.tables import FACTS
from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.types.request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.fleet import Fleet
    from argosy.types import Chunk, Tables

_LOST = {"model": pl.String, "version": pl.String, "reason": pl.String}


def committed(
    fleet: Fleet,
    tables: Mapping[str, pl.DataFrame],
    kind: str = "evaluate",
    run_id: str | None = None,
) -> str:
    """Commit a run of no model that appends rows to fact tables, and return its identity.

    Args:
        fleet: any.
        tables: rows by fact table, without `run_id` and `at`.
        kind: of the run.
        run_id: a new one if not given.
    """
    state = fleet.ledger.state()
    run = run_id or uuid.uuid4().hex[:12]
    spec = RunSpec(kind, {}, "local", state.seq, run_id=run)
    nobody = pl.DataFrame(schema=_LOST)
    units = Units(nobody, nobody)
    answers = Staged(fleet.location, run)
    found = Found(
        Scope(fleet, nobody, True, fleet.location),
        units,
        answers,
        nobody,
        run,
        spec.started,
        fleet.ledger.state,
    )
    job = Job(Request, tuple(FACTS[name] for name in tables), _nothing)
    guilty = pl.DataFrame(schema={**_LOST, "cause": pl.String})
    pinned = Pinned(fleet.ledger, state)
    conclusion = Conclusion(tables, failed=0)
    commit(
        pinned,
        fleet.facts,
        job,
        spec,
        found,
        conclusion,
        guilty,
        {"faults": []},
        time.perf_counter(),
        lambda _: fleet,
    )
    return run


def _nothing(_: Chunk) -> Tables:
    return {}
