"""Carry out a plan, from its beginning or from where it stopped."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl

from argosy.data.clustered import clustered
from argosy.data.fingerprints import lying
from argosy.data.guard import trusts_nothing
from argosy.data.proven import Proofs, read_soundly, unproven
from argosy.data.row_groups import sharded
from argosy.jobs import begun, pilot
from argosy.jobs.cancel import StopSignal
from argosy.jobs.chunking import chunks, halves
from argosy.jobs.culprits import REASONS, blamed
from argosy.jobs.inquiry import Inquiry
from argosy.jobs.plan import keep, kept, refuse_other_data
from argosy.jobs.progress import Headway, tell
from argosy.jobs.retry import run
from argosy.jobs.staged import LOST, Staged
from argosy.jobs.tally import Tally
from argosy.jobs.worker import SETTINGS, STAGE, WORK, perform
from argosy.plugins import installed, options
from argosy.plugins.hidden import hidden
from argosy.plugins.settings import CORE, carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from argosy.jobs.chunking import Costs
    from argosy.jobs.retry import Progress
    from argosy.jobs.spec import RunSpec
    from argosy.store.location import Location
    from argosy.types import Chunk, Executor, Tables, Units

BARRED = "quarantined"
"""The cause given for models that were not tried."""
_ALONE = "alone"
"""The folder, below the run's, that holds the answers of suspects."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job to be carried out, and on what."""

    spec: RunSpec
    location: Location
    units: Units
    perform: Callable[[Chunk], Tables]
    options: Mapping[str, Any]
    """What every chunk carries, besides the units' own."""

    @property
    def executor(self) -> Executor:
        """Where it runs."""
        return installed().executors[self.spec.executor]

    @property
    def carried(self) -> dict[str, Any]:
        """All that every chunk carries."""
        own = {"location": self.location, SETTINGS: carried(), STAGE: self.spec.run_id}
        return {**self.options, **self.units.options, **own, WORK: self.perform}

    def fit(self) -> pl.DataFrame:
        """Return the units that may be tried; those that take the same stand together."""
        barred, needs = self.spec.barred, self.spec.needs
        ready = self.units.ready
        fit = ready.join(barred, on=["model", "version"], how="anti", maintain_order="left")
        if needs is None:
            return fit
        fit = fit.join(needs, on="model", how="left", maintain_order="left")
        return fit.sort(needs.columns[1:], maintain_order=True, nulls_last=False)

    def cut(self, units: pl.DataFrame, starts: Sequence[int], costs: Costs) -> list[Chunk]:
        """Return the chunks of units that begin at given places."""
        limit = options(CORE).time_limit
        isolate = self.units.isolate or trusts_nothing()
        return chunks(units, starts, self.carried, isolate, costs, limit)


def planned(task: Task) -> pl.DataFrame:
    """Return the chunks that would be run, and their expected cost, without running them."""
    spec, many = task.spec, cores(task.executor)
    fit = _sharded(task, task.fit())
    starts = pilot.places(fit, 0, spec.costs, many, task.units.isolate)
    rows = [
        (
            chunk.id,
            chunk.models.num_rows,
            chunk.seconds,
            spec.costs.read and spec.costs.read * chunk.models.num_rows,
            chunk.limit,
            many,
        )
        for chunk in task.cut(fit, starts, spec.costs)
    ]
    return pl.DataFrame(rows, schema=_PLANNED, orient="row")


def execute(
    task: Task, progress: Progress | None, wary: bool = False
) -> tuple[Staged, pl.DataFrame, pl.DataFrame]:
    """Run the work over all units, except those that are staged already.

    Args:
        task: what is to be done.
        progress: called with the models done and the models in all.
        wary: whether the process died that carried it out before, so that each chunk has its own.

    Returns:
        The rows by fact table; `model`, `version`, `reason`, `cause` of units that were lost; and
        the same of versions that are to blame for it.

    Raises:
        Stopped: if the run is cancelled, or too many models fail.
        StoreError: if it is carried on, and its data or models are no longer what they were.
    """
    spec, location, units = task.spec, task.location, task.units
    executor, run_id = task.executor, spec.run_id
    many = cores(executor)
    inquiry = Inquiry(wary=wary)
    proofs = None if trusts_nothing() else Proofs.of(location)
    fit = task.fit()
    found = Staged(location, run_id)
    stop_signal = StopSignal(location, run_id, fit.height, options(CORE).most_failures)
    first = 0 if spec.resumed else pilot.size(fit.height, spec.costs, many, units.isolate)
    files = _lying(location, fit, units)
    if spec.resumed:
        starts = _kept(spec, location, fit)
        if not spec.other_data:
            refuse_other_data(location, run_id, files)
        found.recall()
        stop_signal.release()
    else:
        fit = _sharded(task, fit)
        starts = pilot.places(fit, first, spec.costs, many, units.isolate)
        if spec.resumable:
            keep(location, spec, fit, starts, files)
    if spec.resumable:
        begun.tell(run_id)
    cut = task.cut(fit, starts, spec.costs)
    near = fit
    if not all(found.holds(chunk.id) for chunk in cut):
        own = run_id if not spec.resumed else f"{run_id}/{uuid4().hex}"  # a copy may be torn
        near = clustered(fit, units.reads, location, own, units.also)
        near = unproven(near, units.reads, units.also, files, proofs)
        cut = task.cut(near, starts, spec.costs)
    left = [part for chunk in cut for part in _left(chunk, found)]
    headway = _headway(fit.height, left, found, many)
    if headway.done:
        tell(progress, headway)

    def again(costs: Costs) -> list[Chunk]:
        """Plan with what the pilot took."""
        starts = pilot.places(fit, first, costs, many, units.isolate)
        if spec.resumable:
            keep(location, spec, fit, starts)
        cut = task.cut(near, starts, costs)
        headway.expect(_expected(cut, many))
        return cut

    look, tallies = stop_signal.look, found.tallies
    if first:
        ended = pilot.run_first(executor, left, perform, look, first, tallies, again, inquiry)
    else:
        ended = run(executor, left, perform, look, inquiry=inquiry)
    for chunk, finished in ended:
        if finished.tables is None:
            models = pl.DataFrame(chunk.models).select("model", "version")
            why = {"reason": pl.lit(hidden(finished.error or "")), "cause": pl.lit(finished.cause)}
            gone = models.with_columns(**why)
            found.lose(chunk.id, gone)
            headway.done += gone.height
            headway.lost(gone)
            stop_signal.weigh(Tally(gone.height, gone.height, finished.error))
        else:
            tally = found.add(chunk.id, finished.tables)
            headway.ended(chunk.models.num_rows, tally)
            stop_signal.weigh(tally)
            if proofs is not None:
                proofs.add(read_soundly(chunk.models, tally.unsound))
        tell(progress, headway)
    lost = pl.concat([pl.DataFrame(schema=REASONS), *found.parts(LOST)])
    apart = {**task.carried, STAGE: f"{run_id}/{_ALONE}"}
    limit = options(CORE).time_limit
    guilty = blamed(executor, lost, units.suspects, apart, units.isolate, limit, look, inquiry)
    if trusts_nothing() and not units.isolate:  # none parsed an artifact
        guilty = guilty.clear()
    barred = units.ready.join(spec.barred, on=["model", "version"], maintain_order="left")
    missed = barred.select("model", "version", "reason", cause=pl.lit(BARRED))
    return found, pl.concat([lost, missed]), guilty


def _sharded(task: Task, fit: pl.DataFrame) -> pl.DataFrame:
    reads = task.units.reads
    return sharded(fit, reads[0], task.location) if reads else fit


def _headway(models: int, left: Sequence[Chunk], found: Staged, many: int) -> Headway:
    """Return how far the run is when this driver begins."""
    done = models - sum(chunk.models.num_rows for chunk in left)
    headway = Headway(models, done, _expected(left, many))
    for tally in found.tallies:
        headway.ended(0, tally)
    for part in found.parts(LOST):
        headway.lost(part)
    return headway


def _expected(planned: Sequence[Chunk], many: int) -> float | None:
    """Return how many seconds the chunks take when run in parallel; None if unknown."""
    seconds = [chunk.seconds for chunk in planned if chunk.seconds]
    return max(sum(seconds) / many, *seconds) if seconds else None


def _lying(location: Location, fit: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Return what lies at the URLs of all data that is read, whoever reads it."""
    found = lying(location, fit, units.reads)
    if units.suspects is None:
        return found
    return pl.concat([found, lying(location, units.suspects.units, ["binding", "labels"])])


def cores(executor: Executor) -> int:
    """Return how many chunks an executor can run at a time."""
    return executor.cores() if executor.cores else os.cpu_count() or 1


def _kept(spec: RunSpec, location: Location, units: pl.DataFrame) -> list[int]:
    plan = kept(location, spec.run_id)
    plan.fits(units)
    return plan.starts


def _left(chunk: Chunk, found: Staged) -> Iterator[Chunk]:
    """Return what is missing of a chunk: all of it, or some of its parts."""
    if found.holds(chunk.id):
        return
    if not found.holds_part(chunk.id):
        yield chunk
        return
    for half in halves(chunk):
        yield from _left(half, found)


_PLANNED = {
    "chunk": pl.String,
    "models": pl.Int64,
    "seconds": pl.Float64,
    "bytes": pl.Float64,
    "limit": pl.Float64,
    "cores": pl.Int64,
}
