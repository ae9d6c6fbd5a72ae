"""What jobs are asked for: frozen models whose fields are checked before anything is written.

It is apart from `argosy.types` itself because pydantic takes a while to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import pydantic

from argosy.types.moments import moment


@dataclass(frozen=True, slots=True)
class Metavar:
    """The placeholder for the value of a request's field in a line of help."""

    text: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Marks a field of a request whose values are names that plugins offer."""

    kind: str
    """What the names stand for, as in `argosy.plugins.installed()`: `metrics`, `detectors` ..."""
    default: bool = True
    """Whether a missing value means all that take part by default."""
    by_template: bool = False
    """Whether the template of a model may say what a missing value means; then it stays missing,
    and the job decides for each model."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Role = Annotated[str, Metavar("ROLE")]
"""The role of some data."""
Alias = Annotated[str, Metavar("ALIAS")]
"""An alias of versions."""
Window = Annotated[str, Metavar("WINDOW")]
"""How rows are cut: `1d`, `1w`, `1mo`, `1000 rows` or `by COLUMN`."""
Moment = Annotated[
    datetime,
    Metavar("TIME"),
    pydantic.BeforeValidator(moment),
]
"""A point in time, as `argosy.types.moments.moment` reads it."""
Texts = Annotated[tuple[str, ...], pydantic.BeforeValidator(_several)]
"""Several texts; a single text is taken as a tuple of one."""
Names = Texts
"""Several names of the kind that the field's `Offers` states."""
Expressions = Annotated[Texts, Metavar("SQL")]
"""Several SQL expressions."""


class Request(pydantic.BaseModel):
    """What a job is asked for: a field for every parameter, with its bounds and a line of help.

    The same fields are the options of its command, what `fleet.run` takes by name, and what is kept
    with the run.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
