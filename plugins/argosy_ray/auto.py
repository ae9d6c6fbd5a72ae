"""The executor `auto`: this machine while the work is small, the cluster when it is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from argosy.plugins import installed, options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence

    from argosy.types import Chunk, Finished, Tables


def run(
    chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
) -> Iterator[Finished | None]:
    """Perform every chunk on the executor that is expected to finish first."""
    executor = installed().executors[choice(chunks)]
    yield from executor.run(chunks, perform)


def choice(chunks: MutableSequence[Chunk]) -> str:
    """Return `ray` where a cluster is named and the work is worth it, else `local`.

    On one machine Ray has no more cores than this process, so without a cluster it is never worth
    starting. Work that has not been measured yet runs here, and is measured.
    """
    given = options("ray")
    work = sum(chunk.seconds or 0.0 for chunk in chunks)
    cluster = given.address or os.environ.get("RAY_ADDRESS")
    return "ray" if cluster and work > given.auto_seconds else "local"
