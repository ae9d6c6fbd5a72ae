"""A change says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import BaseModel, Field

from argosy.types import Policy
from argosy_policies.lifting import People
from argosy_policies.lifting import lift as lift_by

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import ChangeEvent


class Options(BaseModel):
    """How much must be said."""

    shortest: int = Field(1, ge=1, description="The fewest characters of a reason.")
    lifted_by: People = ()


def check(event: ChangeEvent, options: Options) -> pa.Table:
    """Object to every model of a change that gives no reason, or too short a one.

    Example:
        >>> import pyarrow as pa
        >>> from types import SimpleNamespace
        >>> change = SimpleNamespace(reason=" ", models=pa.table({"model": ["a"]}))
        >>> check(change, Options())["reason"].to_pylist()
        ['no reason was given; say why with --reason']
    """
    said = len((event.reason or "").strip())
    models = pl.DataFrame(event.models).select("model")
    if said >= options.shortest:
        models = models.clear()
    told = f"the reason has {said} characters, and {options.shortest} are needed"
    if not said:
        told = "no reason was given; say why with --reason"
    return models.with_columns(reason=pl.lit(told)).to_arrow()


def lift(event: ChangeEvent, options: Options) -> str | None:
    """Say why the policy may not be taken away: that is a change which says why, too."""
    refused = lift_by(event, options)
    if refused is not None:
        return refused
    said = len((event.reason or "").strip())
    return None if said >= options.shortest else "no reason was given; say why with --reason"


POLICY = Policy(
    name="reason",
    summary="A change says why.",
    verbs=frozenset({"retire", "delete"}),
    check=check,
    options=Options,
    touches=frozenset({"alias"}),
    lift=lift,
)
