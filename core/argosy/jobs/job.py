"""Carry a job out: run its chunks, commit what they found, put the run on the ledger.

Facts are written first and the run last, so that a crash leaves facts that no run cites, which
no reader sees.
"""

from __future__ import annotations

import json
import time
import uuid
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from argosy.errors import ArgosyWarning, BadInput
from argosy.jobs.planning import chunks
from argosy.jobs.running import run
from argosy.jobs.worker import SETTINGS
from argosy.plugins import configured, installed
from argosy.store.state import Change, Decision
from argosy.tables import FACTS, RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from argosy.jobs.running import Progress
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.types import Chunk, Tables


@dataclass
class Job:
    """One job under way."""

    kind: str
    executor: str
    options: Mapping[str, Any]
    """What is kept with the run; where the data lies goes to the workers only."""
    faults: Sequence[str] = ()
    """Plugins that could not be asked; told with the run's failures."""
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        installed().executors[self.executor]  # refuse an unknown one before any work
        for fault in self.faults:
            warnings.warn(fault, ArgosyWarning, stacklevel=2)

    def carry_out(
        self,
        location: Location,
        units: pl.DataFrame,
        perform: Callable[[Chunk], Tables],
        isolate: bool,
        progress: Progress | None,
        besides: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
        """Run the work over all units; `besides` is told to the workers, and not kept.

        Returns:
            The rows by fact table, and `model`, `version`, `reason` of units that were lost.
        """
        executor = installed().executors[self.executor]
        gathered: dict[str, list[pa.Table]] = {}
        lost: list[pl.DataFrame] = []
        told = {**self.options, **(besides or {}), "location": location, SETTINGS: configured()}
        planned = chunks(units, told, isolate)
        for chunk, finished in run(executor, planned, perform, progress):
            if finished.tables is None:
                models = pl.DataFrame(chunk.models).select("model", "version")
                lost.append(models.with_columns(reason=pl.lit(finished.error)))
                continue
            for name, table in finished.tables.items():
                gathered.setdefault(name, []).append(table)
        found = {
            name: pl.DataFrame(pa.concat_tables(tables, promote_options="permissive"))
            for name, tables in gathered.items()
        }
        schema = {"model": pl.String, "version": pl.String, "reason": pl.String}
        return found, pl.concat([pl.DataFrame(schema=schema), *lost])

    def commit(
        self,
        ledger: Ledger,
        facts: Facts,
        tables: Mapping[str, pl.DataFrame],
        counts: Mapping[str, int],
        models: pl.Series,
    ) -> dict[str, Any]:
        """Write facts and run, and return the run's summary."""
        finished = datetime.now(UTC)
        stamped = {
            name: _stamped(name, rows, self.run_id, finished) for name, rows in tables.items()
        }
        facts.append(
            {name: rows for name, rows in stamped.items() if rows.num_rows}, self.run_id, 1
        )
        summary = {
            "run_id": self.run_id,
            "kind": self.kind,
            **{name: counts.get(name, 0) for name in ("models", "ok", "failed", "drifted")},
            "seconds": round(time.perf_counter() - self.clock, 3),
        }
        row = {
            **summary,
            "key": self.run_id,
            "job": self.kind,
            "status": "finished",
            "started": self.started,
            "finished": finished,
            "executor": self.executor,
            "options": json.dumps({**self.options, "faults": list(self.faults)}, sort_keys=True),
        }
        kept = pl.DataFrame([row]).select("key", *RUN.names)
        found = {name: pl.DataFrame(rows) for name, rows in stamped.items()}
        decision = Decision(kept, [Change("run", kept)], found, models)
        ledger.apply(self.kind, lambda _: decision)
        return summary


def refuse_empty(units: pl.DataFrame, where: str | None) -> None:
    """Raise if a selection holds no model.

    Raises:
        BadInput: naming the expression that selected nothing.
    """
    if units.is_empty():
        told = f"no model matches {where!r}" if where else "the fleet has no models; register some"
        raise BadInput(told)


def _stamped(name: str, rows: pl.DataFrame, run_id: str, at: datetime) -> pa.Table:
    empty = pl.DataFrame(FACTS[name].empty_table())
    stamped = rows.with_columns(run_id=pl.lit(run_id), at=pl.lit(at, pl.Datetime("us", "UTC")))
    return pl.concat([empty, stamped], how="diagonal_relaxed").select(empty.columns).to_arrow()
