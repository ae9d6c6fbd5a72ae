"""Every model has an owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
from pydantic import BaseModel, Field

from argosy.types import Policy
from argosy_policies.lifting import People, lift

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import ChangeEvent


class Options(BaseModel):
    """Which models need an owner, and what an owner is."""

    worst_tier: Literal[1, 2, 3, 4] = Field(
        4, description="Models of this tier or a riskier one need an owner; 1 is the riskiest."
    )
    pattern: str = Field(
        r"\S", description="A regular expression that must be found in the owner, such as '@'."
    )
    lifted_by: People = ()


def check(event: ChangeEvent, options: Options) -> pa.Table:
    """Object to models that would be left without an owner.

    A model without a tier counts as the riskiest.

    Example:
        >>> import pyarrow as pa
        >>> models = pa.table({"model": ["a", "b"], "owner": ["bea", None], "tier": [1, 1]})
        >>> from types import SimpleNamespace
        >>> check(SimpleNamespace(models=models), Options())["model"].to_pylist()
        ['b']
    """
    owned = pl.col("owner").fill_null("").str.contains(options.pattern)
    risky = pl.col("tier").fill_null(1) <= options.worst_tier
    told = pl.lit("it has no owner")
    wrong = pl.format("its owner '{}' does not match '{}'", "owner", pl.lit(options.pattern))
    bare = pl.DataFrame(event.models).filter(risky & ~owned)
    return bare.select(
        "model", reason=pl.when(pl.col("owner").is_null()).then(told).otherwise(wrong)
    ).to_arrow()


POLICY = Policy(
    name="owner",
    summary="Every model has an owner.",
    verbs=frozenset(),
    check=check,
    options=Options,
    touches=frozenset({"model", "version", "alias"}),
    lift=lift,
)
