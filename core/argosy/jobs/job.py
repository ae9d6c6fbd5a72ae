"""Carry a job out: run its chunks, commit what they found, put the run on the ledger.

Facts are written first and the run last, so that a crash leaves facts that no run cites, which
no reader sees.
"""

from __future__ import annotations

import json
import time
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyWarning, BadInput
from argosy.jobs.clustering import clustered
from argosy.jobs.planning import chunks
from argosy.jobs.running import run
from argosy.jobs.staging import Staged
from argosy.jobs.worker import SETTINGS, STAGE
from argosy.plugins import configured, installed
from argosy.store.state import Change, Decision
from argosy.tables import FACTS, RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

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
        reads: Sequence[str] = ("binding",),
        also: Collection[str] = (),
    ) -> tuple[Staged, pl.DataFrame]:
        """Run the work over all units.

        Args:
            location: the fleet's.
            units: one row per model version, in the order in which their data lies.
            perform: the work.
            isolate: whether it parses artifacts.
            progress: called with the models done and the models in all.
            besides: what is told to the workers, and not kept.
            reads: the columns of the units that are bindings of data that the work reads.
            also: columns of that data that are needed besides features and those it names.

        Returns:
            The rows by fact table, and `model`, `version`, `reason` of units that were lost.
        """
        executor = installed().executors[self.executor]
        found = Staged(location, self.run_id)
        lost: list[pl.DataFrame] = []
        own = {"location": location, SETTINGS: configured(), STAGE: self.run_id}
        told = {**self.options, **(besides or {}), **own}
        planned = chunks(clustered(units, reads, location, self.run_id, also), told, isolate)
        for chunk, finished in run(executor, planned, perform, progress):
            if finished.tables is None:
                models = pl.DataFrame(chunk.models).select("model", "version")
                lost.append(models.with_columns(reason=pl.lit(finished.error)))
                continue
            found.add(chunk.id, finished.tables)
        schema = {"model": pl.String, "version": pl.String, "reason": pl.String}
        return found, pl.concat([pl.DataFrame(schema=schema), *lost])

    @cached_property
    def at(self) -> datetime:
        """When its results were there: the same for all of them."""
        return datetime.now(UTC)

    def write(self, facts: Facts, name: str, parts: Iterable[pl.DataFrame]) -> None:
        """Append rows to a fact table, part by part: the next is made while one is written."""
        stamped = (self._stamped(name, rows) for rows in parts if rows.height)
        facts.append(name, _ahead(stamped), self.run_id, 1)

    def commit(
        self,
        ledger: Ledger,
        facts: Facts,
        tables: Mapping[str, pl.DataFrame],
        counts: Mapping[str, int],
        models: pl.Series,
        told: Mapping[str, pl.DataFrame] | None = None,
    ) -> dict[str, Any]:
        """Write facts and run, tell what was found, and return the run's summary.

        Args:
            ledger: of the fleet.
            facts: of the fleet.
            tables: the facts that are not written yet.
            counts: `models`, `ok`, `failed` and `drifted`.
            models: what the run was about.
            told: what listeners hear of tables that are written already.
        """
        for name, rows in tables.items():
            self.write(facts, name, [rows])
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
            "finished": datetime.now(UTC),
            "executor": self.executor,
            "options": json.dumps({**self.options, "faults": list(self.faults)}, sort_keys=True),
        }
        kept = pl.DataFrame([row]).select("key", *RUN.names)
        heard = {
            name: pl.DataFrame(self._stamped(name, rows))
            for name, rows in {**tables, **(told or {})}.items()
        }
        decision = Decision(kept, [Change("run", kept)], heard, models)
        ledger.apply(self.kind, lambda _: decision)
        Staged(ledger.location, self.run_id).clear()
        return summary

    def _stamped(self, name: str, rows: pl.DataFrame) -> pa.Table:
        empty = pl.DataFrame(FACTS[name].empty_table())
        at = pl.lit(self.at, pl.Datetime("us", "UTC"))
        stamped = rows.with_columns(run_id=pl.lit(self.run_id), at=at)
        return pl.concat([empty, stamped], how="diagonal_relaxed").select(empty.columns).to_arrow()


def refuse_empty(units: pl.DataFrame, where: str | None) -> None:
    """Raise if a selection holds no model.

    Raises:
        BadInput: naming the expression that selected nothing.
    """
    if units.is_empty():
        told = f"no model matches {where!r}" if where else "the fleet has no models; register some"
        raise BadInput(told)


def _ahead(parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield parts, and make the next one meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = thread.submit(next, parts, None)
            yield part
