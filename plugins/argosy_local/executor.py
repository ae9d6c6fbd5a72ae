"""The reference executor.

Chunks of table work run in threads of this process: the libraries that do the work let go of the
interpreter's lock. There is one thread more than cores, for when one of them waits for that lock,
or for a file. Chunks that parse artifacts run in spawned worker processes, one
per core, which are kept for the next job. No more of them are handed out than there are workers:
if a worker dies, only those in hand are suspects, and the rest go to new workers. One that
exceeds its limit is stopped with all workers, and those beside it are said to have lost their
machine.
"""

from __future__ import annotations

import multiprocessing.resource_tracker
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from loky import get_reusable_executor
from loky.backend import resource_tracker
from loky.process_executor import BrokenProcessPool

from argosy.current_folder import SAFE, LeavingIt
from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence

    from argosy.types import Chunk, Tables

_IDLE_SECONDS = 60
_SPARE = 1
"""Threads more than cores."""
_PULSE = 0.5
"""Seconds after which the caller may look up though nothing has finished."""


def run(
    chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
) -> Iterator[Finished | None]:
    """Perform every chunk and yield each as it finishes."""
    cores = os.cpu_count() or 1
    threads = ThreadPoolExecutor(cores + _SPARE, "argosy")
    running: dict[Future[Tables], tuple[Chunk, float]] = {}
    place = 0
    try:
        while place < len(chunks) or running:
            while place < len(chunks):
                apart = any(chunk.isolate for chunk, _ in running.values())
                if len(running) >= cores + (0 if apart else _SPARE):
                    break  # before it is taken: what is found out meanwhile changes it
                chunk = chunks[place]
                if chunk.isolate and len(running) >= cores:
                    break
                pool = _pool(cores) if chunk.isolate else threads
                running[pool.submit(perform, chunk)] = chunk, time.monotonic()
                place += 1
            done, _ = wait(running, _PULSE, FIRST_COMPLETED)
            for future in done:
                yield _finished(running.pop(future)[0], future)
            if not done:
                yield from _stopped(running, cores)
                yield None
    finally:  # also where the caller stopped: what has not begun never will
        threads.shutdown(wait=False, cancel_futures=True)
        if any(chunk.isolate for chunk, _ in running.values()):
            _kill(cores)


def _finished(chunk: Chunk, future: Future[Tables]) -> Finished:
    try:
        return Finished(chunk.id, tables=future.result())
    except BrokenProcessPool:
        return Finished(chunk.id, error="the process that ran it died", cause="crash")
    except MemoryError as error:
        return Finished(chunk.id, error=f"it ran out of memory: {error}", cause="memory")
    except Exception as error:
        return Finished(chunk.id, error=f"{type(error).__name__}: {error}")


def _stopped(running: dict[Future[Tables], tuple[Chunk, float]], cores: int) -> Iterator[Finished]:
    """Stop the workers if one of their chunks exceeds its limit, and say what became of each."""
    now = time.monotonic()
    mine = {future: (chunk, now - since) for future, (chunk, since) in running.items()}
    alone = {future: pair for future, pair in mine.items() if pair[0].isolate}
    if not any(chunk.limit and spent > chunk.limit for chunk, spent in alone.values()):
        return
    _kill(cores)
    for future, (chunk, spent) in alone.items():
        del running[future]
        if chunk.limit and spent > chunk.limit:
            told = f"it was stopped after {spent:.0f} s, its limit"
            yield Finished(chunk.id, error=told, cause="time")
        else:
            yield Finished(chunk.id, error="stopped for a neighbour's sake", cause="node")


def _kill(workers: int) -> None:
    with suppress(BrokenProcessPool):
        _pool(workers).shutdown(wait=True, kill_workers=True)


def _pool(workers: int) -> Any:  # noqa: ANN401  (loky has no types)
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    with LeavingIt():  # trackers take no environment of their own
        resource_tracker.ensure_running()
        multiprocessing.resource_tracker.ensure_running()
    surroundings = {**threads, SAFE: "1"}
    return get_reusable_executor(max_workers=workers, timeout=_IDLE_SECONDS, env=surroundings)
