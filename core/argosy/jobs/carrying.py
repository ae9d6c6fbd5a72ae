"""Carry a plan out, from its beginning or from where it was left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl

from argosy.data.clustered import clustered
from argosy.data.fingerprints import lying
from argosy.data.row_groups import sharded
from argosy.jobs import pilot
from argosy.jobs.blaming import REASONS, Suspects, blamed
from argosy.jobs.headway import Headway, tell
from argosy.jobs.plan import keep, kept, refuse_other_data
from argosy.jobs.planning import chunks, halves
from argosy.jobs.running import run
from argosy.jobs.staging import LOST, Staged
from argosy.jobs.stopping import Brake
from argosy.jobs.worker import SETTINGS, STAGE
from argosy.plugins import configured, installed, options
from argosy.plugins.settings import CORE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from argosy.jobs.planning import Costs
    from argosy.jobs.request import Request
    from argosy.jobs.running import Progress
    from argosy.store.location import Location
    from argosy.types import Chunk, Executor, Tables

BARRED = "quarantined"
"""The cause of models that were not tried."""
_ALONE = "alone"
"""The folder, below the run's, of what suspects answer."""


class Explained(Exception):
    """Carries the plan of a job that was asked for its plan alone."""

    def __init__(self, planned: pl.DataFrame) -> None:
        self.planned = planned


def carry(
    request: Request,
    location: Location,
    units: pl.DataFrame,
    perform: Callable[[Chunk], Tables],
    isolate: bool,
    progress: Progress | None,
    told: Mapping[str, Any],
    reads: Sequence[str] = ("binding",),
    also: Collection[str] = (),
    suspects: Suspects | None = None,
) -> tuple[Staged, pl.DataFrame, pl.DataFrame]:
    """Run the work over all units, but for what is staged already.

    Args:
        request: what the run was asked for; its plan is kept if it names a verb.
        location: the fleet's.
        units: one row per model version, neighbours sharing data.
        perform: the work.
        isolate: whether it parses artifacts.
        progress: told as chunks end.
        told: what every chunk carries.
        reads: the columns of the units that are bindings of data that the work reads.
        also: columns of that data that are needed besides features and those it names.
        suspects: the versions that the work loads, where these are not those of the units.

    Returns:
        The rows by fact table; `model`, `version`, `reason`, `cause` of units that were lost; and
        the same of versions that are to blame for it.

    Raises:
        Stopped: if the run is cancelled, or too many models fail.
        StoreError: if it is carried on, and its data or models are no longer what they were.
    """
    executor = installed().executors[request.executor]
    settings, run_id = configured(), request.run_id
    fit = units.join(request.barred, on=["model", "version"], how="anti", maintain_order="left")
    if request.needs is not None:  # those that are alike stand together, else as they were
        fit = fit.join(request.needs, on="model", how="left", maintain_order="left")
        fit = fit.sort(request.needs.columns[1:], maintain_order=True, nulls_last=False)
    found = Staged(location, run_id)
    brake = Brake(location, run_id, fit.height, options(CORE).most_failures)
    many = cores(executor)
    begun = request.resumed or request.explain
    first = 0 if begun else pilot.size(fit.height, request.costs, many, isolate)
    if request.resumed:
        starts = _kept(request, location, fit)
    else:
        fit = sharded(fit, reads[0], location) if reads else fit
        starts = pilot.places(fit, first, request.costs, many, isolate)
    if request.resumed:
        if not request.other_data:
            refuse_other_data(location, run_id, _lying(location, fit, reads, suspects))
        found.recall()
        brake.release()
    carried = {**told, "location": location, SETTINGS: settings, STAGE: run_id}
    limit = options(CORE).time_limit
    planned = chunks(fit, starts, carried, isolate, request.costs, limit)
    if request.explain:
        raise Explained(_explained(planned, request.costs.read, executor))
    if request.verb and not request.resumed:
        keep(location, request, fit, starts, _lying(location, fit, reads, suspects))
    near = fit
    if not all(found.holds(chunk.id) for chunk in planned):
        own = run_id if not request.resumed else f"{run_id}/{uuid4().hex}"  # a copy may be torn
        near = clustered(fit, reads, location, own, also)
        planned = chunks(near, starts, carried, isolate, request.costs, limit)
    left = [part for chunk in planned for part in _left(chunk, found)]
    headway = _headway(fit.height, left, found, many)
    if headway.done:
        tell(progress, headway)

    def again(costs: Costs) -> list[Chunk]:
        """Plan with what the pilot took."""
        starts = pilot.places(fit, first, costs, many, isolate)
        if request.verb:
            keep(location, request, fit, starts)
        planned = chunks(near, starts, carried, isolate, costs, limit)
        headway.expect(_expected(planned, many))
        return planned

    look, tallies = brake.look, found.tallies
    ended = pilot.run_first(executor, left, perform, look, first, tallies, again)
    for chunk, finished in ended if first else run(executor, left, perform, look):
        if finished.tables is None:
            models = pl.DataFrame(chunk.models).select("model", "version")
            why = {"reason": pl.lit(finished.error), "cause": pl.lit(finished.cause)}
            gone = models.with_columns(**why)
            found.lose(chunk.id, gone)
            headway.done += gone.height
            headway.lost(gone)
        else:
            tally = found.add(chunk.id, finished.tables)
            headway.ended(chunk.models.num_rows, tally)
            brake.weigh(tally)
        tell(progress, headway)
    lost = pl.concat([pl.DataFrame(schema=REASONS), *found.parts(LOST)])
    apart = {**carried, STAGE: f"{run_id}/{_ALONE}"}
    guilty = blamed(executor, lost, suspects, apart, isolate, limit, brake.look)
    barred = units.join(request.barred, on=["model", "version"], maintain_order="left")
    missed = barred.select("model", "version", "reason", cause=pl.lit(BARRED))
    return found, pl.concat([lost, missed]), guilty


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
    """Return how many seconds chunks take, so many at a time; None where nobody knows."""
    seconds = [chunk.seconds for chunk in planned if chunk.seconds]
    return max(sum(seconds) / many, *seconds) if seconds else None


def _lying(
    location: Location, units: pl.DataFrame, reads: Sequence[str], suspects: Suspects | None
) -> pl.DataFrame:
    """Return what lies at the URLs of all data that is read, whoever reads it."""
    found = lying(location, units, reads)
    if suspects is None:
        return found
    return pl.concat([found, lying(location, suspects.units, ["binding", "labels"])])


def cores(executor: Executor) -> int:
    """Return how many chunks an executor can run at a time."""
    return executor.cores() if executor.cores else os.cpu_count() or 1


def _kept(request: Request, location: Location, units: pl.DataFrame) -> list[int]:
    plan = kept(location, request.run_id)
    plan.fits(units)
    return plan.starts


def _left(chunk: Chunk, found: Staged) -> Iterator[Chunk]:
    """Return what of a chunk is not there yet: all of it, or some of its parts."""
    if found.holds(chunk.id):
        return
    if not found.holds_part(chunk.id):
        yield chunk
        return
    for half in halves(chunk):
        yield from _left(half, found)


def _explained(planned: list[Chunk], read: float | None, executor: Executor) -> pl.DataFrame:
    schema = {
        "chunk": pl.String,
        "models": pl.Int64,
        "seconds": pl.Float64,
        "bytes": pl.Float64,
        "limit": pl.Float64,
        "cores": pl.Int64,
    }
    rows = [
        (
            chunk.id,
            chunk.models.num_rows,
            chunk.seconds,
            read and read * chunk.models.num_rows,
            chunk.limit,
            cores(executor),
        )
        for chunk in planned
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")
