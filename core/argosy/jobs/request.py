"""What was asked of a run: kept with its plan, so that another process can carry it on.

A verb of the fleet states its request around the job that it starts (`underway`), and the job
keeps it when it has a plan. So a job knows nothing of resuming; one that is started without a
request runs all the same, and cannot be resumed.
"""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.jobs.planning import Costs
from argosy.plugins.manifest import manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOMENT = "argosy_moment"


def _nothing_barred() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(("model", "version", "reason"), pl.String))


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a verb of the fleet."""

    verb: str
    """The method that was called, such as `check_drift`."""
    arguments: Mapping[str, Any]
    """What it was called with, besides executor and progress: JSON values and times."""
    executor: str
    seq: int
    """The change that the fleet stood at: all that the job knows of the fleet is as of it."""
    actor: str = ""
    group: str | None = None
    """The piece of work that it is part of, if any."""
    barred: pl.DataFrame = field(default_factory=_nothing_barred)
    """`model`, `version` and `reason` of those that must not run."""
    needs: pl.DataFrame | None = None
    """`model`, and the columns `NEEDS` and `ENVIRONMENT`, where any model says so."""
    costs: Costs = field(default_factory=Costs)
    """What a model took when such a job ran last."""
    resumed: bool = False
    other_data: bool = False
    """Carry on though the data is not what it was."""
    explain: bool = False
    """Plan, and do nothing."""
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    software: Mapping[str, str] = field(default_factory=manifest)

    def told(self) -> bytes:
        """Return all that another process must know, as text."""
        names = (
            "verb",
            "arguments",
            "executor",
            "seq",
            "actor",
            "group",
            "started",
            "run_id",
            "software",
        )
        kept = {name: getattr(self, name) for name in names}
        return json.dumps(kept, default=_as_moment).encode()

    @classmethod
    def read(cls, told: bytes) -> Request:
        """Return the request that `told` wrote, to be carried on.

        >>> first = Request("evaluate", {"data": "holdout"}, "local", 7)
        >>> again = Request.read(first.told())
        >>> again.run_id == first.run_id, again.started == first.started, again.resumed
        (True, True, True)
        """
        return cls(**json.loads(told, object_hook=_of_moment), resumed=True)


_UNDERWAY: ContextVar[Request | None] = ContextVar("request", default=None)


@contextmanager
def underway(request: Request) -> Iterator[None]:
    """Let the job that is started inside know what it was asked for."""
    token = _UNDERWAY.set(request)
    try:
        yield
    finally:
        _UNDERWAY.reset(token)


def asked() -> Request | None:
    """Return the request that is under way, if there is one."""
    return _UNDERWAY.get()


def _as_moment(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    raise TypeError(f"{value!r} cannot be kept with a run")


def _of_moment(value: dict[str, Any]) -> Any:  # noqa: ANN401
    return datetime.fromisoformat(value[_MOMENT]) if _MOMENT in value else value
