"""No alert of drift is standing about a promoted version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import Check

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def look(fleet: FleetView, moved: pa.Table) -> pa.Table:
    """Find versions that the last drift check of their model alerted about.

    An alert about the version before is not theirs, and a version that was not checked has none.
    """
    alerts = fleet.verdicts().filter("drifted").select("model", "version", "reason")
    told = pl.format("it drifts: {}", pl.col("reason").fill_null("for no reason that was told"))
    models = pl.DataFrame(moved).select("model", "version")
    ill = models.join(alerts, on=["model", "version"], maintain_order="left")
    return ill.select("model", reason=told).to_arrow()


CHECK = Check(
    name="drift",
    summary="No alert of drift is standing about a promoted version.",
    look=look,
)
