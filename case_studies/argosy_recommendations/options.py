"""What `argosy case run recommendations` can be told."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """How large a fleet is played, for how long, and where."""

    model_config = ConfigDict(extra="forbid")

    clients: Annotated[int, Field(ge=2, le=9_999, description="How many clients.")] = 200
    nights: Annotated[int, Field(ge=1, le=90, description="How many nights.")] = 3
    seed: Annotated[int, Field(ge=0, le=2**31, description="Decides every draw.")] = 7
    executor: Annotated[str, Field(min_length=1, description="Where the work runs.")] = "local"
