"""Work as executors see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

Tables = dict[str, "pa.Table"]
"""What work gives back: rows by the name of the fact table they belong to."""


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


@dataclass(frozen=True, slots=True)
class Finished:
    """How one chunk ended."""

    chunk: str
    """The chunk's id."""
    tables: Tables | None = None
    """The work's answer, unless it failed."""
    error: str | None = None
    """Why it failed."""
    died: bool = False
    """True where the process died under it: the chunk is then split to find the culprit."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Where the chunks of a job run."""

    name: str
    """What users type; lowercase."""
    run: Callable[[Sequence[Chunk], Callable[[Chunk], Tables]], Iterator[Finished]]
    """Perform every chunk and yield each as it finishes, in any order, exactly once.

    The second argument is importable by name on any worker. An exception in it becomes
    `Finished.error`; closing the iterator stops the work.
    """
