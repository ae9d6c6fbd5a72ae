"""What the calls of one chunk came to, and which functions it may not call.

Each call of a plugin takes note here in which function it was and how that ended: it returned, or
it was given up. A function that ended processes before in the same run is blocked, and answers with
the reason at once, so that its results are unknown and all others go on.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from argosy.breadcrumbs import DEADLY, Step
from argosy.during import during
from argosy.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Function = tuple[str, str, str]
    """A kind of thing that plugins offer, the name of one, and which function of it."""


@dataclass(slots=True)
class Trail:
    """The calls of a chunk."""

    blocked: dict[Function, str] = field(default_factory=dict)
    """Why a function is not called."""
    returned: set[Step] = field(default_factory=set)
    given_up: set[Step] = field(default_factory=set)

    def refuse_blocked(self, step: Step) -> None:
        """Raise if a function is not to be called.

        Raises:
            PluginError: with the reason.
        """
        if step.function in self.blocked:
            raise PluginError(self.blocked[step.function])

    def hangs(self, step: Step, reason: str) -> None:
        """Note that a call was given up; where it works on many models, it is not called again."""
        self.given_up.add(step)
        if step.model is None:
            self.blocked[step.function] = reason


_TRAIL: ContextVar[Trail | None] = ContextVar("trail", default=None)


@contextmanager
def following(blocked: Mapping[Function, str]) -> Iterator[Trail]:
    """Take note of all calls inside."""
    trail = Trail(dict(blocked))
    with during(_TRAIL, trail):
        yield trail


def current() -> Trail:
    """Return the trail of the chunk in hand, or one that nobody looks at."""
    return _TRAIL.get() or Trail(_deadly())


def _deadly() -> dict[Function, str]:
    """Return what a process died over that did the same before this one."""
    kind, _, name = os.environ.get(DEADLY, "").partition(".")
    if not name:
        return {}
    from argosy.plugins.guarded_call import origin

    return {Step(kind, name).function: f"{origin(kind, name)} ended the process that called it"}
