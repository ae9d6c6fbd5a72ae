"""Run chunks on an executor, and decide by its cause what happens to a lost chunk.

| cause | what is done |
|---|---|
| `node` | it runs again as it is, a few times |
| `error`, `crash`, `time` | it is split until the culprit stands alone |
| `memory` | it is split, and each half may take twice as much memory |

A process that dies may take its neighbours down, and a busy machine may exceed a time limit. So a
single model that was in hand then is run again by itself once all others are done; only if it is
lost again is it the culprit.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from argosy.errors import ArgosyError, PluginError
from argosy.jobs.chunking import halves
from argosy.plugins.guarded_call import origin
from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.types import Chunk, Executor, Tables

    Progress = Callable[[int, int], None]
    """Called with the models done and the models in all; or one that has the method `follow`, as
    `argosy.jobs.progress.Follower` says."""

    Ended = tuple[Chunk, Finished]

_UNSURE = ("crash", "time")
"""Causes that a neighbour or a busy machine may explain."""
_AGAIN = 5
"""How often a chunk that was lost with its machine is run again."""
_TRIALS = 2
"""How often a suspect is run by itself."""
_LEAST_MEMORY = 2 * 2**30
_MOST_MEMORY = 8
"""How many times its first share of memory a single model may use."""


def _quiet() -> None:
    """Let the work go on."""


def _no_more() -> Sequence[Chunk]:
    """Have nothing to add."""
    return ()


def run(
    executor: Executor,
    chunks: Sequence[Chunk],
    perform: Callable[[Chunk], Tables],
    look: Callable[[], None] = _quiet,
    more: Callable[[], Sequence[Chunk]] = _no_more,
) -> Iterator[Ended]:
    """Yield every chunk with its outcome; a chunk of several models never ends in failure.

    Args:
        executor: where they run.
        chunks: of the job.
        perform: the work.
        look: called again and again; raises to stop.
        more: called whenever a chunk has ended, for further chunks to run.
    """
    return _Retrying(executor, perform, look).ended(chunks, more)


class _Retrying:
    """One job's chunks, including those that are run again."""

    def __init__(
        self, executor: Executor, perform: Callable[[Chunk], Tables], look: Callable[[], None]
    ) -> None:
        self._executor, self._perform, self._look = executor, perform, look
        self._again: Counter[str] = Counter()
        self._memory: dict[str, float] = {}

    def ended(
        self, chunks: Sequence[Chunk], more: Callable[[], Sequence[Chunk]]
    ) -> Iterator[Ended]:
        suspects: list[Chunk] = []
        waiting = list(chunks)
        for chunk, finished in self._once(waiting):
            follow = self._next(chunk, finished)
            if follow:
                waiting += follow
            elif finished.tables is None and finished.cause in _UNSURE:
                suspects.append(chunk)
            else:
                yield chunk, finished
            waiting += more()
        for suspect in suspects:
            yield self._tried(suspect)

    def _tried(self, suspect: Chunk) -> Ended:
        for _ in range(_TRIALS):
            [(chunk, finished)] = list(self._once([suspect]))
            if finished.tables is not None or finished.cause in ("error", "time"):
                break  # to wait for one that hangs a third time would tell nothing
        return chunk, finished

    def _next(self, chunk: Chunk, finished: Finished) -> list[Chunk]:
        """Return what to run in place of a lost chunk; nothing if it was not lost."""
        if finished.tables is not None:
            return []
        if finished.cause == "node" and self._again[chunk.id] < _AGAIN:
            self._again[chunk.id] += 1
            return [chunk]
        if finished.cause == "memory":
            chunk, fits = self._roomier(chunk)
            if chunk.models.num_rows == 1:
                return [chunk] if fits else []
        return halves(chunk) if chunk.models.num_rows > 1 else []

    def _roomier(self, chunk: Chunk) -> tuple[Chunk, bool]:
        """Give a chunk twice the memory, up to the limit."""
        had = chunk.needs.get("memory", _LEAST_MEMORY)
        first = self._memory.setdefault(chunk.id.split(".")[0], had)
        wanted = min(2 * had, _MOST_MEMORY * first)
        return replace(chunk, needs={**chunk.needs, "memory": wanted}), wanted > had

    def _once(self, chunks: list[Chunk]) -> Iterator[Ended]:
        """Run chunks, and those that are appended to the list meanwhile; each ends once."""
        while chunks:
            asked, open_ = len(chunks), {chunk.id: chunk for chunk in chunks}
            known = asked
            for finished in self._answers(chunks):
                open_ |= {chunk.id: chunk for chunk in chunks[known:]}
                known = len(chunks)
                if not isinstance(finished, Finished) or finished.chunk not in open_:
                    told = f"{finished!r}, which was not asked for"
                    raise PluginError(f"{self._origin} failed: it answered with {told}")
                yield open_.pop(finished.chunk), finished
            open_ |= {chunk.id: chunk for chunk in chunks[known:]}
            left = [chunk for chunk in chunks[asked:] if open_.get(chunk.id) is chunk]
            waiting = {chunk.id for chunk in left}
            known = len(chunks)
            for chunk in [chunk for name, chunk in open_.items() if name not in waiting]:
                yield chunk, Finished(chunk.id, error=f"{self._origin} never finished it")
            chunks[:] = [*left, *chunks[known:]]

    def _answers(self, chunks: list[Chunk]) -> Iterator[object]:
        try:
            with closing(self._executor.run(chunks, self._perform)) as results:  # type: ignore[type-var]
                for finished in results:
                    self._look()
                    if finished is not None:
                        yield finished
        except ArgosyError:
            raise
        except Exception as error:  # a stranger's executor may raise anything
            reason = f"{self._origin} failed: {type(error).__name__}: {error}"
            raise PluginError(reason) from error

    @property
    def _origin(self) -> str:
        return origin("executors", self._executor.name)
