"""A change says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy.types import Policy

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import Happening


class Options(BaseModel):
    """How much must be said."""

    shortest: int = Field(1, ge=1, description="The fewest characters of a reason.")


def check(happening: Happening, options: Options) -> pa.Table:
    """Object to every model of a change that gives no reason, or too short a one.

    Example:
        >>> import pyarrow as pa
        >>> from types import SimpleNamespace
        >>> change = SimpleNamespace(reason=" ", models=pa.table({"model": ["a"]}))
        >>> check(change, Options())["reason"].to_pylist()
        ['no reason was given; say why with --reason']
    """
    said = len((happening.reason or "").strip())
    models = pl.DataFrame(happening.models).select("model")
    if said >= options.shortest:
        models = models.clear()
    told = f"the reason has {said} characters, and {options.shortest} are needed"
    if not said:
        told = "no reason was given; say why with --reason"
    return models.with_columns(reason=pl.lit(told)).to_arrow()


POLICY = Policy(
    name="reason",
    summary="A change says why.",
    verbs=frozenset({"set_alias", "clear_alias", "retire", "delete"}),
    check=check,
    options=Options,
)
