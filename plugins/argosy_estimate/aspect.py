"""What `argosy show` says of how a model was estimated to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Aspect, Section

if TYPE_CHECKING:
    import polars as pl

    from argosy.types import FleetView

_COLUMNS = (
    *("dataset", "window", "metric", "value", "lower", "upper", "realised", "gap", "n"),
    "reason",
)


def _read(fleet: FleetView, model: str, version: str | None) -> pl.DataFrame:
    from argosy_estimate.realised import read

    return read(fleet, model, version)


ASPECT = Aspect(
    "estimates",
    "What was estimated of it, and what came true.",
    section=Section("estimates", 20, _read, _COLUMNS),
)
