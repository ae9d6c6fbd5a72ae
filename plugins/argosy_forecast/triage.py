"""Models whose forecast is not their own need a person: somebody plans by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause
from argosy_troubles.failures import listed, standing_failures

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def find(view: FleetView) -> pa.Table:
    """Find versions in use whose last forecast fell back to the season before, or was none."""
    failures = standing_failures(view, "forecasts", ("model", "version", "dataset"))
    told = pl.format("its forecast fell back to the season before: {}", "reason")
    return listed(failures, view, (75, 90), told)


CAUSE = TriageCause(
    "forecast fell back",
    "The last forecast of the model is not its own.",
    "mend what the reason names, then `argosy forecast --where \"model = 'MODEL'\"`",
    find,
)
