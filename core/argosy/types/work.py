"""Work as executors see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableSequence

    import pyarrow as pa

Tables = dict[str, "pa.Table"]
"""What work gives back: rows by the name of the fact table they belong to."""

Cause = Literal["error", "crash", "memory", "time", "node"]
"""Why a chunk was lost.

`error`: the work raised. `crash`: its process died under it. `memory`: it asked for more than
there was. `time`: it was stopped at its limit. `node`: the machine went away, or the process was
stopped for a neighbour's sake, which says nothing of the chunk.
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some models' share of a job: small enough to lose, large enough to be worth sending."""

    id: str
    """Unique within the run."""
    models: pa.Table
    """One row per model version, with all that the work needs to know of it."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What the work needs besides; must be picklable."""
    isolate: bool = False
    """True where the work parses artifacts, so that it must not share the caller's process."""
    needs: Mapping[str, float] = field(default_factory=dict)
    """What it takes where an executor can choose: `cpu`, `gpu`, `memory` in bytes, or a resource
    of the cluster's own; one core unless told."""
    environment: str | None = None
    """The software that its models were registered with, where they say so: an executor may have
    a place for it."""
    seconds: float | None = None
    """How long it is expected to take, where that is known."""
    limit: float | None = None
    """Seconds after which it may be stopped, where it runs in a process of its own."""


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
    """What kind of failure that was: it decides what is done about it."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Where the chunks of a job run."""

    name: str
    """What users type; lowercase."""
    run: Callable[[MutableSequence[Chunk], Callable[[Chunk], Tables]], Iterator[Finished | None]]
    """Perform every chunk and yield each as it finishes, in any order, exactly once.

    The caller may append chunks to the sequence before it asks for the next answer: an executor
    that looks again performs them too, one that does not is called again with what is left. It
    may yield None while nothing finishes, so that the caller can look whether to stop. The second
    argument is importable by name on any worker. An exception in it becomes `Finished.error`;
    closing the iterator stops the work.
    """
    cores: Callable[[], int] | None = None
    """How many chunks it can run at a time, where that is not this machine's number of cores."""
