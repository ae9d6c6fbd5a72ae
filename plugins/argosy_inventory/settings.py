"""How the columns of a list of models are called."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Inventory(BaseModel):
    """How the columns of a list of models are called.

    >>> Inventory(columns="model=name, format=").columns
    {'model': 'name', 'format': ''}
    """

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="argosy's columns and what the list calls them: model=name,owner=contact."
        " Others are taken under their own names; format= leaves that one out.",
    )
    tags: list[str] = Field(
        default_factory=list, description="Columns of the list that become tags of these names."
    )
    version: str | None = Field(
        None, description="The version of models for which the list names none."
    )

    @field_validator("columns", mode="before")
    @classmethod
    def _pairs(cls, told: Any) -> Any:  # noqa: ANN401
        """Take a mapping as the environment and the command line write it."""
        if not isinstance(told, str):
            return told
        pairs = [part.partition("=") for part in told.split(",") if part.strip()]
        loose = [name.strip() for name, equals, _ in pairs if not equals]
        if loose:
            raise ValueError(f"{loose[0]!r} names no column of the list; write model=name")
        return {name.strip(): column.strip() for name, _, column in pairs}
