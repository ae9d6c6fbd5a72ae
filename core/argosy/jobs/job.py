"""Carry a job out: run its chunks, commit what they found, put the run on the ledger.

Facts are written first and the run last, so that a crash leaves facts that no run cites, which
no reader sees.
"""

from __future__ import annotations

import json
import time
import warnings
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.errors import ArgosyWarning, BadInput, Stopped
from argosy.jobs.blaming import REASONS
from argosy.jobs.carrying import carry
from argosy.jobs.portions import gathered, sliced
from argosy.jobs.request import Request, asked
from argosy.jobs.staging import Staged
from argosy.plugins import configured, installed
from argosy.registry.quarantine import culprits
from argosy.store.state import Change, Decision
from argosy.tables import FACTS, RUN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from argosy.jobs.blaming import Suspects
    from argosy.jobs.portions import Portion
    from argosy.jobs.running import Progress
    from argosy.store.digests import Digest
    from argosy.store.facts import Facts
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location
    from argosy.store.state import State
    from argosy.types import Chunk, Tables

_CITATIONS = {"facts": pl.DataFrame(RUN.empty_table()).schema["facts"]}


@dataclass
class Job:
    """One job under way."""

    kind: str
    executor: str
    options: Mapping[str, Any]
    """What is kept with the run; where the data lies goes to the workers only."""
    faults: Sequence[str] = ()
    """Plugins that could not be asked; told with the run's failures."""
    clock: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self._request = asked() or Request("", {}, self.executor, 0)
        self._found: Staged | None = None
        self._cited: dict[str, Digest] = {}
        self._guilty = pl.DataFrame(schema=REASONS)
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
        suspects: Suspects | None = None,
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
            suspects: the versions that the work loads, where these are not those of the units.

        Returns:
            The rows by fact table, and `model`, `version`, `reason` of units that were lost.
        """
        told = {**self.options, **(besides or {})}
        request = replace(self._request, executor=self.executor)
        carried = (request, location, units, perform, isolate, progress, told, reads, also)
        try:
            self._found, lost, self._guilty = carry(*carried, suspects)
        except KeyboardInterrupt:
            way_on = str(Stopped.at(self.run_id, "interrupted")) if self._request.verb else ""
            raise KeyboardInterrupt(way_on) from None
        return self._found, lost.drop("cause")

    @property
    def run_id(self) -> str:
        """The run's identity."""
        return self._request.run_id

    @property
    def started(self) -> datetime:
        """When it began, however often it was carried on."""
        return self._request.started

    @cached_property
    def at(self) -> datetime:
        """When its results were there: the same for all of them."""
        return datetime.now(UTC)

    def write(self, facts: Facts, name: str, portions: Iterable[Portion]) -> None:
        """Append rows to a fact table: several portions are made and written at a time.

        Raises:
            StoreError: if the store cannot be written.
        """
        files = [partial(self._made, name, portion) for portion in gathered(portions)]
        self._cited[name] = facts.append(name, files, self.run_id, 1)

    def commit(
        self,
        ledger: Ledger,
        facts: Facts,
        tables: Mapping[str, pl.DataFrame],
        counts: Mapping[str, int],
        models: pl.Series,
        told: Mapping[str, pl.DataFrame] | None = None,
        changes: Callable[[State], Sequence[Change]] | None = None,
    ) -> dict[str, Any]:
        """Write facts and run, tell what was found, and return the run's summary.

        Args:
            ledger: of the fleet.
            facts: of the fleet.
            tables: the facts that are not written yet.
            counts: `models`, `ok`, `failed` and `drifted`.
            models: what the run was about.
            told: what listeners hear of tables that are written already.
            changes: what else the run changes, in the same commit, decided on the state then.
        """
        for name, rows in tables.items():
            self.write(facts, name, sliced(rows))
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
            "options": json.dumps({**self.options, **self._besides()}, sort_keys=True),
            "facts": self._citations(),
        }
        kept = pl.DataFrame([row], schema_overrides=_CITATIONS).select("key", *RUN.names)
        heard = {
            name: self._stamped(name, rows) for name, rows in {**tables, **(told or {})}.items()
        }
        key, barred = pl.Series([self.run_id]), culprits(self._guilty, self.run_id)
        own = [Change("run", kept), Change("quarantine", barred)]

        def decide(state: State) -> Decision:
            """Commit, unless another driver of the same run was faster."""
            there = state.lookup("run", key, live=True).height
            if there:
                return Decision(kept, ())
            return Decision(kept, [*own, *(changes(state) if changes else ())], heard, models)

        ledger.apply(self.kind, decide)
        Staged(ledger.location, self.run_id).clear()
        return summary

    def _citations(self) -> list[dict[str, Any]]:
        """Return what the run's row says of the rows that it appended, table by table."""
        return [
            {"table": name, "rows": digest.rows, "digest": digest.text, "gone": None}
            for name, digest in sorted(self._cited.items())
            if digest.rows
        ]

    def _besides(self) -> dict[str, Any]:
        """Return what is kept besides: faults, what the run took, and how its executor was set."""
        tallies = self._found.tallies if self._found else []
        took = {
            "chunks": len(tallies),
            "models": sum(one.models for one in tallies),
            "seconds": round(sum(one.seconds for one in tallies), 3),
            "read": sum(one.read for one in tallies),
            "made": sum(one.made for one in tallies),
        }
        chosen = configured().get(self.executor, {})
        return {"faults": list(self.faults), "took": took, "executor": dict(chosen)}

    def _made(self, name: str, portion: Portion) -> pl.DataFrame:
        return self._stamped(name, portion.make())

    def _stamped(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows with the columns of a fact table, and of this run."""
        at = pl.lit(self.at, pl.Datetime("us", "UTC"))
        stamped = rows.with_columns(run_id=pl.lit(self.run_id), at=at)
        there = set(stamped.columns)
        return stamped.select(
            (pl.col(column) if column in there else pl.lit(None, kind)).cast(kind).alias(column)
            for column, kind in pl.DataFrame(FACTS[name].empty_table()).schema.items()
        )


def refuse_empty(units: pl.DataFrame, where: str | None) -> None:
    """Raise if a selection holds no model.

    Raises:
        BadInput: naming the expression that selected nothing.
    """
    if units.is_empty():
        told = f"no model matches {where!r}" if where else "the fleet has no models; register some"
        raise BadInput(told)
