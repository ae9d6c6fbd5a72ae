"""Models whose realised performance keeps lying beyond what was estimated need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_SEVERITY = 75.0


def find(view: FleetView) -> pa.Table:
    """Find models with concept drift, by their newest version where it is that."""
    newest = view.models().select("model", newest="newest_version").collect()
    own = pl.col("version") == pl.col("newest")
    return (
        view.concept_drift()
        .join(newest, on="model", how="left")
        .sort(~own)
        .unique("model", keep="first", maintain_order=True)
        .select(
            "model",
            severity=pl.lit(_SEVERITY),
            reason=pl.when(own)
            .then("reason")
            .otherwise(pl.format("version {}: {}", "version", "reason")),
        )
        .to_arrow()
    )


CAUSE = TriageCause(
    "concept drift",
    "Realised performance keeps lying beyond what was estimated.",
    "compare a retrained challenger: `argosy train`, then `argosy compare`",
    find,
)
