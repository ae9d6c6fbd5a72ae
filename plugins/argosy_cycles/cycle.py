"""A cycle of steps, such as a night: each step is carried out once, however often it is restarted.

A cycle belongs to a group of changes and runs (`fleet.in_group`). `run_once` carries out one of its
jobs, `carry_out` all of its steps in order. What a step left in the fleet shows that it is done: a
cycle that was killed goes on where it stopped, and one whose group was rolled back can be played
again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import polars as pl

from argosy.errors import BadInput
from argosy.registry.frames import refuse_bad_name
from argosy.store import blobs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from argosy.jobs.run import Run
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location

    Progress = Callable[[int, int], None]
    """Called with the models done and the models in all."""

FOLDER = "cycles"
"""The folder, below the fleet's, that keeps what the steps of each cycle did."""


class Grouped(Protocol):
    """A fleet whose changes and runs are of one group, as `fleet.in_group` returns it."""

    location: Location

    @property
    def ledger(self) -> Ledger:
        """The changes of the fleet."""
        ...

    def runs(self) -> pl.LazyFrame:
        """Return the runs that are committed."""
        ...

    def unfinished(self) -> pl.DataFrame:
        """Return the runs that are not."""
        ...

    def past_run(self, run_id: str) -> Run:
        """Return a run that is committed."""
        ...

    def run(
        self,
        kind: str,
        selection: str | None = None,
        executor: str = "local",
        *,
        progress: Progress | None = None,
        **request: Any,  # noqa: ANN401
    ) -> Run:
        """Carry out a job."""
        ...

    def resume(self, run_id: str, *, progress: Progress | None = None) -> Run:
        """Carry on a run that was stopped."""
        ...


class Did(NamedTuple):
    """What a step did."""

    models: int
    """How many models the step was about."""
    ok: int = 0
    """How many of them it completed."""
    failed: int = 0
    note: str = ""
    """A remark, such as which models failed and why."""


class Step(NamedTuple):
    """A step of a cycle."""

    name: str
    work: Callable[[Progress], Did]
    """Do what is left to do, and report progress."""


def run_once(
    fleet: Grouped,
    kind: str,
    selection: str | None = None,
    executor: str = "local",
    *,
    progress: Progress | None = None,
    **request: Any,  # noqa: ANN401
) -> Run:
    """Carry out a job of a group, resume it if it was stopped, or return the run if it is done.

    A group has one run of each kind: a second call returns the first run, whatever it asks for.

    Args:
        fleet: grouped.
        kind: the name of the job.
        selection: which models; defaults to every model that is not retired.
        executor: where the work runs, if it is only begun now.
        progress: called with the models done and the models in all.
        request: what the job takes.

    Returns:
        The run, committed.

    Raises:
        BadInput: if the fleet has no group, or the request is invalid.
        UnknownName: for a job, a parameter or an executor that does not exist.
    """
    done = finished(fleet, kind)
    if done is not None:
        return done
    waiting = fleet.unfinished().filter(group=_group(fleet), kind=kind)
    if waiting.is_empty():
        return fleet.run(kind, selection, executor, progress=progress, **request)
    return fleet.resume(waiting["run_id"][0], progress=progress)


def finished(fleet: Grouped, kind: str) -> Run | None:
    """Return the run of a kind that a group has committed, the last of several, or None."""
    runs = fleet.runs().filter(group=_group(fleet), kind=kind).select("run_id").collect()
    return fleet.past_run(runs["run_id"][-1]) if runs.height else None


def carry_out(
    fleet: Grouped,
    name: str,
    steps: Sequence[Step],
    last: str,
    begin: Callable[[str], AbstractContextManager[Progress]],
) -> pl.DataFrame:
    """Take the steps of a cycle in order, and keep what each did.

    A cycle that is over is left alone; what it did is returned again.

    Args:
        fleet: grouped.
        name: of the cycle. To tell a cycle that was rolled back from its replay, give the replay
            another name.
        steps: in order.
        last: the kind of job whose run shows that the cycle is over, unless it was rolled back.
        begin: shows the title of a step, and yields the function that its progress is reported to.

    Returns:
        One row per step: `group`, `step`, `models`, `ok`, `failed`, `note`, `seconds`.
    """
    refuse_bad_name(name, "cycle")
    group, file = _group(fleet), f"{name}.arrow"
    if finished(fleet, last) is not None and _kept(fleet.location, file):
        return pl.DataFrame(blobs.read(fleet.location, FOLDER, file))
    rows = []
    for step in steps:
        started = time.perf_counter()
        with begin(f"{group} {step.name}") as done:
            did = step.work(done)
        seconds = round(time.perf_counter() - started, 3)
        rows.append({"group": group, "step": step.name, **did._asdict(), "seconds": seconds})
    told = pl.DataFrame(rows)
    blobs.write(fleet.location, FOLDER, told.to_arrow(), file)
    return told


def _group(fleet: Grouped) -> str:
    group = fleet.ledger.group
    if group is None:
        raise BadInput("a cycle is of a group; take the fleet from fleet.in_group(NAME)")
    return group


def _kept(location: Location, file: str) -> bool:
    filesystem, inner = location.filesystem(location.child(FOLDER, file))
    return bool(filesystem.exists(inner))
