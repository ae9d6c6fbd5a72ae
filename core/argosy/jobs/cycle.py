"""A cycle of steps, such as a night: each is carried out once, however often it is begun again.

A cycle belongs to a group of changes and runs (`fleet.in_group`). `run_once` is a job of it,
`carry_out` is all of its steps in order. A step that was done is seen by what it left in the
fleet: whoever begins a cycle again after it was killed goes on where it stopped, and whoever rolls
the group back can play it anew.
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

    from argosy.jobs.retry import Progress
    from argosy.jobs.run import Run
    from argosy.store.ledger import Ledger
    from argosy.store.location import Location

FOLDER = "cycles"
"""Where it is kept what the steps of a cycle did, below the fleet's folder."""


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
    """How many it was about."""
    ok: int = 0
    """How many of them it came to an end with."""
    failed: int = 0
    note: str = ""
    """What there is to be said of it, such as who failed and why."""


class Step(NamedTuple):
    """A step of a cycle."""

    name: str
    work: Callable[[Progress], Did]
    """Do what is not done yet, and say how far it is."""


def run_once(
    fleet: Grouped,
    kind: str,
    selection: str | None = None,
    executor: str = "local",
    *,
    progress: Progress | None = None,
    **request: Any,  # noqa: ANN401
) -> Run:
    """Carry out a job of a group, or carry it on where it was stopped, or return what it did.

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

    A cycle that has come to its end is left alone, and what it did is returned again.

    Args:
        fleet: grouped.
        name: of the cycle. One that was rolled back and is to be told apart from the one that is
            played in its place needs another name.
        steps: in order.
        last: the kind of job whose run shows that the cycle has come to its end, as long as it is
            not rolled back.
        begin: shows the title of a step, and yields what is told how far it is.

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
