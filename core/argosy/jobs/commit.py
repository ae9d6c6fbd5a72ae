"""Write what a run found, and record the run on the ledger.

Facts are written first and the run last: a crash leaves facts that no run cites, and readers ignore
these.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import PluginError
from argosy.jobs.lazy_rows import gathered, sliced
from argosy.jobs.staged import Staged
from argosy.plugins.guarded_call import origin
from argosy.plugins.settings import masked
from argosy.registry.entities import as_change
from argosy.registry.entity_rules import objections
from argosy.registry.frames import refuse_bad_rows
from argosy.registry.quarantine import culprits
from argosy.store.after_images import Change
from argosy.store.state import Decision
from argosy.tables import RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from argosy.jobs.spec import RunSpec
    from argosy.store.digests import Digest
    from argosy.store.facts import Facts
    from argosy.store.past import Pinned
    from argosy.store.state import State
    from argosy.types import Conclusion, FactTable, FleetView, Found, Job, Portion

INDEPENDENT = "independent"
"""What these call how many models had their rows taken for independent."""
LEFT_OUT = "left_out"
"""What the summary and the kept options of a run call the rows that count nowhere."""
MISSED = "missed"
"""What these call the plugins that could not be loaded and would have taken part."""
_CITATIONS = {"facts": pl.DataFrame(RUN.empty_table()).schema["facts"]}


def commit(
    ledger: Pinned,
    facts: Facts,
    job: Job[Any],
    spec: RunSpec,
    found: Found,
    conclusion: Conclusion,
    guilty: pl.DataFrame,
    kept: Mapping[str, Any],
    began: float,
    look: Callable[[State], FleetView],
) -> dict[str, Any]:
    """Write the facts and the run, notify listeners, and return the run's summary.

    Args:
        ledger: of the fleet.
        facts: of the fleet.
        job: that was carried out.
        spec: what was asked.
        found: by its chunks.
        conclusion: what is to be written of it.
        guilty: versions that go into quarantine.
        kept: with the run besides its request: faults of plugins and their versions, and rows that
            count nowhere.
        began: by the clock of this process.
        look: the fleet to read, as a state has it.

    Raises:
        RowsRefused: for changes of the job that the rules of their kinds refuse; nothing is
            committed.
    """
    known = {table.name: table for table in job.tables}
    strange = [name for name in (*conclusion.tables, *conclusion.heard) if name not in known]
    if strange:
        told = f"a table {strange[0]!r}; it has {', '.join(known)}"
        raise PluginError(f"{origin('jobs', spec.kind)} concluded with {told}")
    stamp = _Stamp(spec.run_id, known)
    cited = {name: stamp.append(facts, name, rows) for name, rows in conclusion.tables.items()}
    models = conclusion.models
    if models is None:
        models = _models(found)
    summary = {
        "run_id": spec.run_id,
        "kind": spec.kind,
        "models": models.n_unique(),
        "ok": models.n_unique() - conclusion.failed,
        "failed": conclusion.failed,
        "drifted": conclusion.drifted,
        "unknown": conclusion.unknown,
        "seconds": round(time.perf_counter() - began, 3),
        LEFT_OUT: kept.get(LEFT_OUT, {}),
        MISSED: kept.get(MISSED, []),
        INDEPENDENT: conclusion.independent,
    }
    row = {
        **summary,
        "key": spec.run_id,
        "job": spec.kind,
        "status": "finished",
        "started": spec.started,
        "finished": datetime.now(UTC),
        "executor": spec.executor,
        "options": json.dumps(
            {
                **spec.request,
                **_besides(spec, found, kept),
                INDEPENDENT: conclusion.independent,
            },
            sort_keys=True,
        ),
        "facts": _citations(cited),
    }
    run = pl.DataFrame([row], schema_overrides=_CITATIONS).select("key", *RUN.names)
    given = {
        name: rows for name, rows in conclusion.tables.items() if isinstance(rows, pl.DataFrame)
    }
    heard = {name: stamp(name, rows) for name, rows in {**given, **conclusion.heard}.items()}
    key = pl.Series([spec.run_id])
    whose = origin("jobs", spec.kind)
    own = [Change("run", run), Change("quarantine", culprits(guilty, spec.run_id))]

    def decide(state: State) -> Decision:
        """Commit, unless another driver of the same run was faster."""
        if state.lookup("run", key, live=True).height:
            return Decision(run, ())
        changes = conclusion.changes(state) if conclusion.changes else {}
        besides = [as_change(kind, rows) for kind, rows in changes.items()]
        refuse_bad_rows(objections(state, besides, look, "be written"), f"be written by {whose}")
        return Decision(run, [*own, *besides], heard, models)

    ledger.apply(spec.kind, decide, spec.reason)
    Staged(ledger.location, spec.run_id).clear()
    return summary


class _Stamp:
    """Give rows the columns of their table, their run and their time."""

    def __init__(self, run_id: str, tables: Mapping[str, FactTable]) -> None:
        self._run_id = run_id
        self._at = datetime.now(UTC)
        """When the run ended: the same for all its rows."""
        self._tables = tables

    def __call__(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        at = pl.lit(self._at, pl.Datetime("us", "UTC"))
        stamped = rows.with_columns(run_id=pl.lit(self._run_id), at=at)
        there = set(stamped.columns)
        return stamped.select(
            (pl.col(column) if column in there else pl.lit(None, kind)).cast(kind).alias(column)
            for column, kind in pl.DataFrame(self._tables[name].schema.empty_table()).schema.items()
        )

    def append(self, facts: Facts, name: str, rows: pl.DataFrame | Iterable[Portion]) -> Digest:
        """Append rows to a fact table: several portions are made and written at a time."""
        portions = sliced(rows) if isinstance(rows, pl.DataFrame) else rows
        files = [partial(self._made, name, portion) for portion in gathered(portions)]
        return facts.append(name, files, self._run_id, 1)

    def _made(self, name: str, portion: Portion) -> pl.DataFrame:
        return self(name, portion.make())


def _models(found: Found) -> pl.Series:
    if found.units.models is not None:
        return found.units.models
    both = [found.units.ready.select("model"), found.units.unfit.select("model")]
    return pl.concat(both).to_series().unique(maintain_order=True)


def _citations(cited: Mapping[str, Digest]) -> list[dict[str, Any]]:
    """Return what the run's row cites of the rows that it appended, table by table."""
    return [
        {"table": name, "rows": digest.rows, "digest": digest.text, "gone": None}
        for name, digest in sorted(cited.items())
        if digest.rows
    ]


def _besides(spec: RunSpec, found: Found, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept besides the request: what the run took, how its executor was set."""
    tallies = found.answers.tallies if isinstance(found.answers, Staged) else []
    took = {
        "chunks": len(tallies),
        "models": sum(one.models for one in tallies),
        "seconds": round(sum(one.seconds for one in tallies), 3),
        "read": sum(one.read for one in tallies),
        "made": sum(one.made for one in tallies),
    }
    return {**kept, "took": took, "executor": masked(spec.executor)}
