"""Run chunks on an executor; a chunk that is lost is split until the culprit stands alone."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from argosy.jobs.planning import halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from argosy.types import Chunk, Executor, Finished, Tables

    Progress = Callable[[int, int], None]
    """Called with the models done and the models in all."""


def run(
    executor: Executor,
    chunks: Sequence[Chunk],
    perform: Callable[[Chunk], Tables],
    progress: Progress | None = None,
) -> Iterator[tuple[Chunk, Finished]]:
    """Yield every chunk with how it ended; a chunk of several models never ends in failure."""
    total = sum(chunk.models.num_rows for chunk in chunks)
    done = 0
    waiting = list(chunks)
    while waiting:
        by_id = {chunk.id: chunk for chunk in waiting}
        split: list[Chunk] = []
        with closing(executor.run(waiting, perform)) as results:  # type: ignore[type-var]
            for finished in results:
                chunk = by_id.pop(finished.chunk)
                if finished.tables is None and chunk.models.num_rows > 1:
                    split += halves(chunk)
                    continue
                done += chunk.models.num_rows
                if progress is not None:
                    progress(done, total)
                yield chunk, finished
        waiting = split
