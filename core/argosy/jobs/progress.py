"""How far a run has come: models, pace, time left, and what failed, by the kind of reason.

The remaining time is at first based on the last run of the job; the more models are done, the more
it follows the pace of this run.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import polars as pl

from argosy.jobs.tally import kind

if TYPE_CHECKING:
    from argosy.jobs.retry import Progress
    from argosy.jobs.tally import Tally

_SHOWN = 3
_CAUSES = {
    "crash": "killed its worker",
    "time": "took too long",
    "memory": "ran out of memory",
    "node": "lost with its machine",
}
"""Kinds of lost models, by cause; for other causes the reason says it."""


@dataclass
class Headway:
    """How far a run has come."""

    models: int
    """In all."""
    done: int = 0
    """Including those that an earlier driver of the run completed."""
    expected: float | None = None
    """Seconds for what this driver has to do, based on the last run of the job."""
    failed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """How many models failed, by the kind of reason."""

    def __post_init__(self) -> None:
        self._before = self.done
        self._began = time.monotonic()

    @property
    def rate(self) -> float | None:
        """Models per second since this driver began; null before the first."""
        made = self.done - self._before
        return made / max(time.monotonic() - self._began, 1e-9) if made else None

    @property
    def left(self) -> float | None:
        """Remaining seconds; null while they cannot be estimated."""
        whole, rest = self.models - self._before, self.models - self.done
        rate = self.rate
        if not rest or not whole:
            return 0.0
        if self.expected is None:
            return rest / rate if rate else None
        if rate is None:
            return max(self.expected - (time.monotonic() - self._began), 0.0)
        made = 1 - rest / whole
        return made * rest / rate + (1 - made) * self.expected * rest / whole

    def expect(self, seconds: float | None) -> None:
        """Note how long the rest is expected to take."""
        self.expected = None if seconds is None else seconds + time.monotonic() - self._began

    def ended(self, models: int, tally: Tally) -> None:
        """Note a chunk that has results."""
        self.done += models
        self.failed += tally.failed
        self.kinds.update(tally.kinds)

    def lost(self, models: pl.DataFrame) -> None:
        """Note models (`reason`, `cause`) that were lost for good."""
        reason = kind(pl.col("reason"))
        named = pl.col("cause").replace_strict(_CAUSES, default=reason, return_dtype=pl.String)
        counted = models.select(named.alias("kind")).to_series().value_counts()
        self.failed += models.height
        self.kinds.update(dict(counted.rows()))

    def told(self) -> str:
        """Return what failed, most frequent kinds first; empty if nothing did."""
        if not self.failed:
            return ""
        first = self.kinds.most_common(_SHOWN)
        parts = [f"{many:,} x {name}" for name, many in first]
        more = self.failed - sum(many for _, many in first)
        return (
            f"{self.failed:,} failed: {'; '.join([*parts, *([f'{more:,} more'] if more else [])])}"
        )


@runtime_checkable
class Follower(Protocol):
    """A `progress` function that wants more than two numbers."""

    def follow(self, headway: Headway) -> None:
        """Receive how far the run has come; called as chunks end."""


def tell(progress: Progress | None, headway: Headway) -> None:
    """Report how far a run has come."""
    if isinstance(progress, Follower):
        progress.follow(headway)
    elif progress is not None:
        progress(headway.done, headway.models)
