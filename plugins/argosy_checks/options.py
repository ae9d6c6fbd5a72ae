"""What users can set of the checks."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """The options of the plugin `checks`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin: float = Field(
        0.02,
        ge=0,
        description="How much worse than the version before a promoted one may be, in units of"
        " the metric.",
    )
    metrics: tuple[str, ...] = Field(
        (), description="The metrics that are compared; defaults to all that were measured."
    )
    data: str | None = Field(
        None, description="The role whose evaluations are looked at; defaults to every role."
    )
    lists: str = Field("lists", description="The role that predictions are looked up in.")
