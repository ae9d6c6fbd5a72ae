"""What a batch of predictions is asked for."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from argosy.errors import BadInput
from argosy.registry.frames import refuse_bad_name
from argosy.types.request import Alias, Request, Role


def _role(name: str | None) -> str | None:
    if name is not None:
        refuse_bad_name(name, "role")
    return name


class Predict(Request):
    """Let models predict the rows of a role, into Parquet files beside the fleet.

    With --role the files are bound in one change: `argosy lookup` then finds single rows, and a
    model that failed keeps what it had. `argosy rollback` brings back what all had.
    """

    data: Role = Field("current", description="The role of the rows to predict.")
    alias: Alias | None = Field(
        None, description="Predict with its version; defaults to the newest version of each model."
    )
    role: Annotated[Role | None, AfterValidator(_role)] = Field(
        None, description="Bind what is predicted to this role, model by model."
    )

    @model_validator(mode="after")
    def _apart(self) -> Self:
        """Refuse to bind predictions in the place of the rows that they are made of."""
        if self.role == self.data:
            raise BadInput(
                f"predictions cannot be bound to the role {self.role!r}, whose rows are predicted;"
                " name another"
            )
        return self
