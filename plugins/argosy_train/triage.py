"""Models that could not be trained, and those that have no version, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause
from argosy.views.urgency import aged, within
from argosy_troubles.failures import listed, standing_failures

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def failed(view: FleetView) -> pa.Table:
    """Find models whose last training failed, so that they keep the version they had."""
    failures = standing_failures(view, "trainings", ("model",))
    return listed(failures, view, (25, 45), pl.format("could not be trained: {}", "reason"))


def bare(view: FleetView) -> pa.Table:
    """Find models that have no version."""
    rows = view.models().filter(pl.col("newest_version").is_null()).collect()
    began = view.state["model"].select("model", since="at")
    rows = rows.join(began, on="model", how="left")
    return rows.select(
        "model",
        "since",
        severity=within(12, 30, aged(pl.col("since"), view.moment)),
        reason=pl.lit("it has no version, so there is nothing that could predict"),
    ).to_arrow()


_TRAIN = "`argosy train --where \"model = 'MODEL'\"`"

FAILED = TriageCause(
    "training failed",
    "The last training of the model failed.",
    f"mend what the reason names, then {_TRAIN}",
    failed,
)
NO_VERSION = TriageCause("no version", "The model has no version.", _TRAIN, bare, state="unknown")
CAUSES = (FAILED, NO_VERSION)
