"""Run chunks on this machine: table work in this process, artifacts in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Executor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence

    from argosy.types import Chunk, Finished, Tables, TriageCause

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_executors() -> Iterator[Executor]:
    """Offer the executor `local`."""

    def run(
        chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
    ) -> Iterator[Finished | None]:
        from argosy_local.executor import run

        return run(chunks, perform)

    yield Executor("local", run)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the cause `quarantined`."""
    from argosy_local.triage import CAUSE

    yield CAUSE
