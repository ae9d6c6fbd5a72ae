"""What a training is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from argosy.registry.frames import refuse_bad_name
from argosy.types.request import Metavar, Request, Role


def _version(name: str | None) -> str | None:
    if name is not None:
        refuse_bad_name(name, "version")
    return name


def _alias(name: str | None) -> str | None:
    if not name:
        return None
    refuse_bad_name(name, "alias")
    return name


class Train(Request):
    """Train a new version of each model of a template; one that fails keeps what it has.

    All versions, the alias and the run are one change.
    """

    version: Annotated[str | None, Metavar("NAME"), AfterValidator(_version)] = Field(
        None,
        description="What every new version is called; defaults to each model's newest number"
        " plus 1.",
    )
    alias: Annotated[str | None, Metavar("NAME"), AfterValidator(_alias)] = Field(
        "challenger", description="Points at the new versions; '' for none."
    )
    data: Role | None = Field(
        None, description="The role of the rows to train on; defaults to what each template says."
    )
