"""Ray Core tasks behind a window of `ray.wait`; retries belong to the caller, not to Ray.

The window is two chunks per core, so that the driver holds little however long the plan is, and it
is measured again as a cluster grows. A chunk that lags far behind what was expected gets a copy on
another worker: the first of the two to finish counts, and what the other writes is never listed.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from argosy.plugins import options
from argosy.types import Finished
from argosy_ray.cluster import connected, ray
from argosy_ray.environments import equipped, runtime_environments, secret_variables
from argosy_ray.preflight import Preflight, last
from argosy_ray.resources import Nodes, arguments, demanded, take
from argosy_ray.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence

    from argosy.types import Cause, Chunk, Tables
    from argosy_ray.resources import Demand

_IN_FLIGHT_PER_CPU = 2
_PULSE = 0.5
_COUNT_AGAIN = 5.0
"""Seconds after which a cluster may have other nodes."""
_LAGS = 3.0
"""A copy starts when a chunk has taken so many times what was expected."""
_LEAST_LAG = 30.0
_GRACE = 10.0
"""Seconds in which a worker starts, and imports what it needs."""


@dataclass(slots=True)
class _Running:
    chunk: Chunk
    demand: Demand
    since: float | None = None
    """When it probably began: Ray takes them in the order in which they were handed over."""
    copied: bool = False


def run(
    chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
) -> Iterator[Finished | None]:
    """Perform every chunk as one task and yield each as it finishes."""
    if not chunks:
        return
    with connected(), redirect_stdout(sys.stderr):  # Ray's own lines must not mix with the answer
        yield from _Tasks(chunks, perform).answers()


class _Tasks:
    """The tasks of one job that are in flight."""

    def __init__(self, chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]) -> None:
        given = options("ray")
        self._chunks = chunks
        remote = ray.remote(max_retries=0, num_cpus=1, scheduling_strategy="SPREAD")
        self._task, self._equipped = remote(perform), remote(equipped)
        self._perform = perform
        self._running: dict[Any, _Running] = {}
        self._place = 0
        self._nodes, self._counted, self._watched = Nodes(), 0.0, 0.0
        self._waiting = Waiting(given.patience)
        self._placed: deque[Chunk] = deque()
        self._environments, self._variables = runtime_environments(), secret_variables()
        self._preflight = Preflight(self._environments)

    def answers(self) -> Iterator[Finished | None]:
        try:
            while self._running or self._waiting or self._more():
                self._fill()
                yield from self._watch()
                done, _ = ray.wait(list(self._running), num_returns=1, timeout=_PULSE)
                for reference in done:
                    yield self._ended(reference)
                if not done:
                    yield None
                if self._waiting and not self._running:
                    time.sleep(_PULSE)
        finally:
            self._waiting.close()
            for reference in self._running:
                _cancel(reference)

    def _more(self) -> bool:
        return bool(self._placed) or self._place < len(self._chunks)

    def _fill(self) -> None:
        now = time.monotonic()
        if now - self._counted > _COUNT_AGAIN:
            self._nodes, self._counted = Nodes(), now
            self._preflight.look(self._nodes.ids, {chunk.environment for chunk in self._chunks})
            self._place_again()
        while self._more() and len(self._running) < _IN_FLIGHT_PER_CPU * self._nodes.cores:
            if self._placed:
                chunk = self._placed.popleft()
            else:
                chunk = self._chunks[self._place]
                self._place += 1
            demand = self._nodes.fitted(demanded(chunk))
            if self._nodes.hold(demand):
                self._start(chunk, demand)
            else:
                self._waiting.add(chunk)

    def _place_again(self) -> None:
        """Submit chunks that a node can hold by now, and take back those that none can any more."""
        self._placed += self._waiting.fitting(self._nodes)
        for reference, held in list(self._running.items()):
            if held.since is None and not self._nodes.hold(held.demand):
                del self._running[reference]
                _cancel(reference)
                if not any(twin.chunk is held.chunk for twin in self._running.values()):
                    self._waiting.add(held.chunk)

    def _watch(self) -> Iterator[Finished]:
        """Note which chunks have begun, and look for those that lag, hang or wait in vain."""
        now = time.monotonic()
        if now - self._watched < _PULSE:
            return
        self._watched = now
        free = self._nodes.free()
        for held in sorted(self._running.values(), key=lambda held: held.since is None):
            if take(free, held.demand) and held.since is None:
                held.since = now
        yield from self._waiting.given_up(self._nodes)
        yield from self._stopped(now)
        if not self._more() and len(self._running) < self._nodes.cores:
            self._copy(now)

    def _copy(self, now: float) -> None:
        """Start a copy of a chunk that lags behind, if a core is idle anyway."""
        for held in list(self._running.values()):
            expected = held.chunk.seconds
            if not expected or held.copied or held.since is None:
                continue
            if now - held.since > max(_LEAST_LAG, _LAGS * expected):
                held.copied = True
                self._start(held.chunk, held.demand, copied=True)

    def _start(self, chunk: Chunk, demand: Demand, copied: bool = False) -> None:
        told = arguments(demand)
        if chunk.environment in self._environments:
            told["runtime_env"] = self._environments[chunk.environment]
        variables = self._variables.get(chunk.environment or "")
        if variables:
            with_them = self._equipped.options(**told)
            reference = with_them.remote(self._perform, variables, chunk)
        else:
            reference = self._task.options(**told).remote(chunk)
        self._running[reference] = _Running(chunk, demand, copied=copied)

    def _ended(self, reference: Any) -> Finished | None:  # noqa: ANN401
        chunk = self._running.pop(reference).chunk
        finished = _finished(chunk, reference)
        twins = [other for other, held in self._running.items() if held.chunk is chunk]
        if finished.tables is None and twins:
            return None  # its copy may do better
        for other in twins:
            del self._running[other]
            _cancel(other)
        return finished

    def _stopped(self, now: float) -> Iterator[Finished]:
        """Stop chunks that exceed their limit."""
        for reference, held in list(self._running.items()):
            limit, since = held.chunk.limit, held.since
            if not limit or since is None or now - since <= limit + _GRACE:
                continue
            if reference not in self._running:  # its copy exceeded it first
                continue
            for other in [one for one, twin in self._running.items() if twin.chunk is held.chunk]:
                del self._running[other]
                _cancel(other)
            told = f"it was stopped after {now - since:.0f} s, its limit"
            yield Finished(held.chunk.id, error=told, cause="time")


def _finished(chunk: Chunk, reference: Any) -> Finished:  # noqa: ANN401
    try:
        return Finished(chunk.id, tables=ray.get(reference))
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        if isinstance(cause, MemoryError):
            return _lost(chunk, "memory", f"it ran out of memory: {cause}")
        return Finished(chunk.id, error=f"{type(cause).__name__}: {cause}")
    except ray.exceptions.RuntimeEnvSetupError as error:
        where = f"the environment {chunk.environment} of ray.environments"
        return Finished(chunk.id, error=f"{where} cannot be set up: {last(error)}")
    except ray.exceptions.OutOfMemoryError:
        return _lost(chunk, "memory", "its node ran out of memory, and Ray stopped it")
    except (ray.exceptions.NodeDiedError, ray.exceptions.ObjectLostError) as error:
        return _lost(chunk, "node", f"its node was lost ({type(error).__name__})")
    except ray.exceptions.RayError as error:
        return _lost(chunk, "crash", f"the process that ran it died ({type(error).__name__})")


def _lost(chunk: Chunk, cause: Cause, reason: str) -> Finished:
    return Finished(chunk.id, error=reason, cause=cause)


def _cancel(reference: Any) -> None:  # noqa: ANN401
    with suppress(ray.exceptions.RayError):
        ray.cancel(reference, force=True)
