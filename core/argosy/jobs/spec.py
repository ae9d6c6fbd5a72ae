"""What a run was asked for: kept with its plan, so that another process can resume it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.jobs.chunking import Costs
from argosy.plugins.manifest import manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOMENT = "argosy_moment"
_KEPT = (
    *("kind", "request", "selection", "executor", "seq", "actor", "group", "started", "run_id"),
    *("software", "reason"),
)


def _nothing_barred() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(("model", "version", "reason"), pl.String))


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run of a job."""

    kind: str
    """The name of the job."""
    request: Mapping[str, Any]
    """What it was asked for, as JSON values."""
    executor: str
    seq: int
    """The change as of which the job sees the fleet."""
    selection: str | None = None
    """The SQL expression that chose the models; None for all."""
    actor: str = ""
    group: str | None = None
    """The group that it is part of, if any."""
    reason: str | None = None
    """Why, in the actor's words."""
    resumable: bool = True
    """Whether another process can resume it; not if models were chosen from another fleet."""
    barred: pl.DataFrame = field(default_factory=_nothing_barred)
    """`model`, `version` and `reason` of those that must not run."""
    needs: pl.DataFrame | None = None
    """`model`, and the columns `NEEDS` and `ENVIRONMENT`; None if no model states either."""
    costs: Costs = field(default_factory=Costs)
    """What a model cost in the last run of the job."""
    resumed: bool = False
    other_data: bool = False
    """Resume even if the data has changed."""
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    software: Mapping[str, str] = field(default_factory=manifest)

    def written(self) -> bytes:
        """Return all that another process must know, as text."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return json.dumps(kept, default=_as_moment).encode()

    @classmethod
    def read(cls, written: bytes) -> RunSpec:
        """Return the spec that `written` wrote, to be resumed.

        >>> first = RunSpec("evaluate", {"data": "holdout"}, "local", 7)
        >>> again = RunSpec.read(first.written())
        >>> again.run_id == first.run_id, again.started == first.started, again.resumed
        (True, True, True)
        """
        return cls(**json.loads(written, object_hook=_of_moment), resumed=True)


def _as_moment(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    raise TypeError(f"{value!r} cannot be kept with a run")


def _of_moment(value: dict[str, Any]) -> Any:  # noqa: ANN401
    return datetime.fromisoformat(value[_MOMENT]) if _MOMENT in value else value
