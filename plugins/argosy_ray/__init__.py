"""Run chunks on Ray: a cluster by address, or a local Ray started on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Command, Executor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableSequence

    import click
    import pydantic

    from argosy.types import Chunk, Finished, Tables

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_options() -> type[pydantic.BaseModel]:
    """Declare the section `ray`."""
    from argosy_ray.options import Options

    return Options


@hookimpl
def argosy_executors() -> Iterator[Executor]:
    """Offer the executors `ray` and `auto`."""

    def run(
        chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
    ) -> Iterator[Finished | None]:
        from argosy_ray.executor import run  # importing Ray is slow, so only on use

        return run(chunks, perform)

    def cores() -> int:
        from argosy_ray.cluster import planned_cores

        return planned_cores()

    def choose(
        chunks: MutableSequence[Chunk], perform: Callable[[Chunk], Tables]
    ) -> Iterator[Finished | None]:
        from argosy_ray.auto import run

        return run(chunks, perform)

    yield Executor("ray", run, cores)
    yield Executor("auto", choose)


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy submit`."""

    def load() -> click.Command:
        from argosy_ray.command import submit

        return submit

    yield Command("submit", "Run a command as a job of a Ray cluster.", load)
