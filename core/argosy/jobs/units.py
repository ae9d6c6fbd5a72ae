"""What a job works on by default: each model with the data of one role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.bindings import bound
from argosy.registry.registration import EXTERNAL
from argosy.types import Units

if TYPE_CHECKING:
    from argosy.types import Scope


def unbound(role: pl.Expr | str) -> pl.Expr:
    """Return why a model has no data, given the role."""
    named = pl.lit(role) if isinstance(role, str) else role
    return pl.format("no data is bound to its role '{}'", named)


def with_data(scope: Scope, role: str | None) -> Units:
    """Give each model its data in a role; without a role, work on every model as it is.

    Raises:
        UnknownName: if nothing at all is bound to the role.
    """
    if role is None:
        ready = scope.models.sort("model")
        return Units(ready, _nobody(ready), reads=())
    placed = bound(scope.view.state, scope.models, role).sort(
        pl.col("binding").struct.field("url"), "model", nulls_last=True
    )
    bare = pl.col("binding").is_null()
    unfit = placed.filter(bare).select("model", "version", reason=unbound(role))
    return Units(placed.filter(~bare), unfit)


def parses(units: pl.DataFrame) -> bool:
    """Whether any of the versions has an artifact to be parsed."""
    return bool((units["format"] != EXTERNAL).any())


def _nobody(units: pl.DataFrame) -> pl.DataFrame:
    return units.head(0).select("model", "version", reason=pl.lit(None, pl.String))
