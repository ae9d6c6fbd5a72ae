"""Where notices go, and what they are about."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from argosy.types import Reach

_SENDS = Reach("sends data out")


class Options(BaseModel):
    """The options of the section `notices`."""

    path: Annotated[str, Reach("writes files")] = Field(
        "", description="The file that the sink `jsonl` appends to."
    )
    url: Annotated[SecretStr, _SENDS] = Field(
        SecretStr(""), description="Where the sink `webhook` posts to: https, or http to here."
    )
    token: SecretStr | None = Field(
        None, description="What the sink `webhook` shows the host, as a bearer token."
    )
    allow: Annotated[list[str], _SENDS] = Field(
        default_factory=list,
        description="The hosts that the sink `webhook` may post to, and the networks beyond the"
        " public ones that they may lie in.",
    )
    timeout: float = Field(10.0, gt=0, le=300, description="Seconds that a whole post may take.")
