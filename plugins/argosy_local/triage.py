"""Models whose newest version no job touches any more need a person: it killed its worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause
from argosy.views.entities import in_use
from argosy.views.urgency import aged, within

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def find(view: FleetView) -> pa.Table:
    """Find versions in use that are in quarantine, whichever executor met them."""
    rows = view.state["quarantine"].rename({"at": "since"})
    used = rows.join(in_use(view.state), on=["model", "version"], how="semi")
    return used.select(
        "model",
        "version",
        "since",
        severity=within(90, 100, aged(pl.col("since"), view.moment)),
        reason=pl.format("version {} is in quarantine: {}", "version", "why"),
    ).to_arrow()


CAUSE = TriageCause(
    "quarantined",
    "A version in use killed its worker, so no job touches it.",
    "mend or replace it, then `argosy quarantine --release \"model = 'MODEL'\"`",
    find,
)
