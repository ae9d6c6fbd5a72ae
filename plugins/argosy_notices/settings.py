"""Where notices go, and what they are about."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Options(BaseModel):
    """The options of the section `notices`."""

    path: str = Field("", description="The file that the sink `jsonl` appends to.")
    url: str = Field("", description="Where the sink `webhook` posts to: https, or http to here.")
    allow: list[str] = Field(
        default_factory=list, description="The hosts that the sink `webhook` may post to."
    )
    timeout: float = Field(10.0, gt=0, le=300, description="Seconds that a post may take.")
