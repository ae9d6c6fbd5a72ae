"""Run chunks on Ray: a cluster by address, or a local Ray started on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Executor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence

    from argosy.types import Chunk, Finished, Tables

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_executors() -> Iterator[Executor]:
    """Offer the executor `ray`."""

    def run(
        chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
    ) -> Iterator[Finished | None]:
        from argosy_ray.executor import run  # importing Ray is slow, so only on use

        return run(chunks, perform)

    yield Executor("ray", run)
