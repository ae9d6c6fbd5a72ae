"""Work as executors see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableSequence

    import pyarrow as pa

Tables = dict[str, "pa.Table"]
"""What work returns: rows by the name of the fact table they belong to."""

Cause = Literal["error", "crash", "memory", "time", "node"]
"""Why a chunk was lost.

`error`: the work raised. `crash`: its process died under it. `memory`: it needed more than there
was. `time`: it was stopped at its limit. `node`: the machine went away, or the process was stopped
for the sake of a neighbour, which says nothing about the chunk.
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The part of a job for some models: small enough to lose, large enough to be worth sending."""

    id: str
    """Unique within the run."""
    models: pa.Table
    """One row per model version, with all that the work needs to know of it."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What the work needs besides; must be picklable."""
    isolate: bool = False
    """Whether the work parses artifacts, so that it must not share the caller's process."""
    needs: Mapping[str, float] = field(default_factory=dict)
    """The resources that it needs, if an executor can choose: `cpu`, `gpu`, `memory` in bytes, or a
    resource of the cluster; one core by default."""
    environment: str | None = None
    """The software environment that its models were registered with, if any: an executor may
    provide it."""
    seconds: float | None = None
    """How long it is expected to take, if known."""
    limit: float | None = None
    """Seconds after which it may be stopped, if it runs in a process of its own."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How one chunk ended."""

    chunk: str
    """The chunk's id."""
    tables: Tables | None = None
    """The work's answer, unless it failed."""
    error: str | None = None
    """Why it failed."""
    cause: Cause = "error"
    """What kind of failure that was; it decides what happens next."""


class PerformChunk(Protocol):
    """The work of a job, importable by name on any worker."""

    def __call__(self, chunk: Chunk, /) -> Tables:
        """Return Arrow tables by the name of the fact table that they belong to."""
        ...


class RunChunks(Protocol):
    """How an executor carries out the chunks of a job."""

    def __call__(
        self, chunks: MutableSequence[Chunk], perform: PerformChunk, /
    ) -> Iterator[Finished | None]:
        """Perform every chunk and yield each as it finishes, in any order, exactly once.

        It may yield None while nothing finishes, so that the caller can look whether to stop.
        Closing the iterator stops the work.

        Args:
            chunks: the caller may append to them before it asks for the next answer. An executor
                that looks again performs these too; one that does not is called again with the
                rest. Those that it has not looked at yet may be replaced, by their index.
            perform: the work; an exception in it becomes `Finished.error`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Executor:
    """A place where the chunks of a job run."""

    name: str
    """What users type; lowercase."""
    run: RunChunks
    """Perform every chunk."""
    cores: Callable[[], int] | None = None
    """How many chunks it can run at a time, if that is not the number of this machine's cores."""
