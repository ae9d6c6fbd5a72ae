"""The options of the core itself, declared as a plugin declares its own."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Severity = Literal["info", "warning", "critical"]


class CoreOptions(BaseModel):
    """How argosy treats what plugins offer."""

    time_limit: float = Field(
        600.0, gt=0, description="Seconds that one call of a plugin may take before it is given up."
    )
    sinks: list[str] = Field(
        default_factory=list, description="Where notices go: the names of sinks."
    )
    severity: Severity = Field("warning", description="The least severity that is sent to sinks.")
