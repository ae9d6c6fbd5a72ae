"""What jobs are asked for: frozen models whose fields are checked before anything is written.

It is apart from `argosy.types` itself, for pydantic takes a while to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pydantic


@dataclass(frozen=True, slots=True)
class Metavar:
    """What stands for the value of a request's field in a line of help."""

    text: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Marks a field of a request whose values are names of what plugins offer."""

    kind: str
    """What they are names of, as `argosy.plugins.installed()` has it: `metrics`, `detectors` ..."""
    default: bool = True
    """Whether nothing asked for stands for all that take part by default."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Role = Annotated[str, Metavar("ROLE")]
"""The role of some data."""
Alias = Annotated[str, Metavar("ALIAS")]
"""An alias of versions."""
Window = Annotated[str, Metavar("WINDOW")]
"""How rows are cut: `1d`, `1w`, `1mo`, `1000 rows` or `by COLUMN`."""
Texts = Annotated[tuple[str, ...], pydantic.BeforeValidator(_several)]
"""Several texts; one by itself is as good as a tuple of it."""
Names = Texts
"""Several names, of what the field's `Offers` says."""
Expressions = Annotated[Texts, Metavar("SQL")]
"""Several SQL expressions."""


class Request(pydantic.BaseModel):
    """What a job is asked for: a field for every parameter, with its bounds and a line of help.

    The same fields are the options of its command, what `fleet.run` takes by name, and what is kept
    with the run.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
