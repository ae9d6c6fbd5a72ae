"""Run chunks on an executor; a chunk that is lost is split until the culprit stands alone.

A process that dies may take neighbours with it, so a single model that was in hand when its
process died is run once more, by itself: only if it is lost again was it the culprit.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from argosy.errors import ArgosyError, PluginError
from argosy.jobs.planning import halves
from argosy.plugins.calling import origin
from argosy.types import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.types import Chunk, Executor, Tables

    Progress = Callable[[int, int], None]
    """Called with the models done and the models in all."""

    Ended = tuple[Chunk, Finished]


def run(
    executor: Executor,
    chunks: Sequence[Chunk],
    perform: Callable[[Chunk], Tables],
    progress: Progress | None = None,
) -> Iterator[Ended]:
    """Yield every chunk with how it ended; a chunk of several models never ends in failure."""
    total = sum(chunk.models.num_rows for chunk in chunks)
    done = 0
    for chunk, finished in _ended(executor, list(chunks), perform):
        done += chunk.models.num_rows
        if progress is not None:
            progress(done, total)
        yield chunk, finished


def _ended(
    executor: Executor, waiting: list[Chunk], perform: Callable[[Chunk], Tables]
) -> Iterator[Ended]:
    suspects: list[Chunk] = []
    while waiting:
        split: list[Chunk] = []
        for chunk, finished in _once(executor, waiting, perform):
            if finished.tables is None and chunk.models.num_rows > 1:
                split += halves(chunk)
            elif finished.died:
                suspects.append(chunk)
            else:
                yield chunk, finished
        waiting = split
    for suspect in suspects:
        yield from _once(executor, [suspect], perform)


def _once(
    executor: Executor, chunks: list[Chunk], perform: Callable[[Chunk], Tables]
) -> Iterator[Ended]:
    waiting = {chunk.id: chunk for chunk in chunks}
    try:
        with closing(executor.run(chunks, perform)) as results:  # type: ignore[type-var]
            for finished in results:
                if not isinstance(finished, Finished) or finished.chunk not in waiting:
                    raise TypeError(f"it answered with {finished!r}, which was not asked for")
                yield waiting.pop(finished.chunk), finished
    except ArgosyError:
        raise
    except Exception as error:  # a stranger's executor may raise anything
        reason = f"{origin('executors', executor.name)} failed: {type(error).__name__}: {error}"
        raise PluginError(reason) from error
    for chunk in waiting.values():
        reason = f"{origin('executors', executor.name)} never finished it"
        yield chunk, Finished(chunk.id, error=reason)
