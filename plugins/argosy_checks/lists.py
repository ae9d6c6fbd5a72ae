"""What the promoted models predict is there to be looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import options
from argosy.types import Check

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    """Find models without data in the role of lists, or whose last prediction for it failed."""
    role = options("checks").lists
    models = pl.DataFrame(moved).select("model")
    bound = fleet.bindings().filter(role=role).select("model", "template").collect()
    template = fleet.models().select("model", "template").collect()
    placed = models.join(template, on="model", how="left", maintain_order="left")
    everywhere = bound.select(pl.all_horizontal(pl.all().is_null())).to_series().any()
    own = pl.col("model").is_in(bound["model"].drop_nulls().implode())
    shared = pl.col("template").is_in(bound["template"].drop_nulls().implode()).fill_null(False)
    bare = placed.filter(~(own | shared | pl.lit(everywhere))).select(
        "model", reason=pl.lit(f"nothing is bound to its role {role!r}")
    )
    last = (
        fleet.table("predictions")
        .filter(role=role)
        .join(models.lazy(), on="model", how="semi")
        .sort("at", maintain_order=True)
        .unique("model", keep="last", maintain_order=True)
        .filter(status="failed")
        .select("model", reason=pl.format("its last prediction failed: {}", "reason"))
        .collect()
    )
    return pl.concat([bare, last]).unique("model", keep="first", maintain_order=True).to_arrow()


CHECK = Check(
    name="lists",
    summary="What the promoted models predict is there to be looked up.",
    look=look,
)
