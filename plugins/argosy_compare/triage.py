"""Challengers that could not be compared need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause
from argosy_troubles.failures import WHOLLY, listed, standing_failures

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def find(view: FleetView) -> pa.Table:
    """Find models of which a challenger could not be compared with the champion."""
    failures = standing_failures(view, "comparisons", ("model", "challenger"), WHOLLY)
    told = pl.format("its {} could not be compared: {}", "challenger", "reason")
    return listed(failures, view, (20, 35), told)


CAUSE = TriageCause(
    "comparison failed",
    "The last comparison of a challenger with the champion failed.",
    "mend what the reason names, then `argosy compare --where \"model = 'MODEL'\"`",
    find,
)
