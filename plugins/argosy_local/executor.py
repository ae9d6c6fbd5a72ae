"""The reference executor.

Chunks of table work run in threads of this process, one per core: the libraries that do the work
let go of the interpreter's lock. Chunks that parse artifacts run in spawned worker processes, one
per core, which are kept for the next job. No more of them are handed out than there are workers:
if a worker dies, only those in hand are suspects, and the rest go to new workers.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from typing import TYPE_CHECKING, Any

from loky import get_reusable_executor
from loky.process_executor import BrokenProcessPool

from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.types import Chunk, Tables

_IDLE_SECONDS = 60


def run(chunks: Sequence[Chunk], perform: Callable[[Chunk], Tables]) -> Iterator[Finished]:
    """Perform every chunk and yield each as it finishes."""
    yield from _in_process([chunk for chunk in chunks if not chunk.isolate], perform)
    yield from _isolated([chunk for chunk in chunks if chunk.isolate], perform)


def _in_process(chunks: Sequence[Chunk], perform: Callable[[Chunk], Tables]) -> Iterator[Finished]:
    threads = ThreadPoolExecutor(min(os.cpu_count() or 1, len(chunks)) or 1, "argosy")
    try:
        running = {threads.submit(perform, chunk): chunk for chunk in chunks}
        for future in as_completed(running):
            chunk = running.pop(future)
            try:
                yield Finished(chunk.id, tables=future.result())
            except Exception as error:
                yield Finished(chunk.id, error=f"{type(error).__name__}: {error}")
    finally:  # also where the caller stopped: what has not begun never will
        threads.shutdown(wait=False, cancel_futures=True)


def _isolated(chunks: Sequence[Chunk], perform: Callable[[Chunk], Tables]) -> Iterator[Finished]:
    waiting = list(reversed(chunks))
    running: dict[Future[Tables], Chunk] = {}
    workers = min(os.cpu_count() or 1, len(chunks))
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                chunk = waiting.pop()
                running[_pool(workers).submit(perform, chunk)] = chunk
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield _finished(running.pop(future), future)
    finally:
        if running:  # the caller stopped: do not leave work behind
            _pool(workers).shutdown(wait=False, kill_workers=True)


def _finished(chunk: Chunk, future: Future[Tables]) -> Finished:
    try:
        return Finished(chunk.id, tables=future.result())
    except BrokenProcessPool:
        return Finished(chunk.id, error="the process that ran it died", died=True)
    except Exception as error:
        return Finished(chunk.id, error=f"{type(error).__name__}: {error}")


def _pool(workers: int) -> Any:  # noqa: ANN401  (loky has no types)
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    return get_reusable_executor(max_workers=workers, timeout=_IDLE_SECONDS, env=threads)
