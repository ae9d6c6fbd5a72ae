"""Models that drifted, and those whose drift could not be checked, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_UNCHECKED, _LEAST, _SPAN = 60.0, 40.0, 20.0


def drifted(view: FleetView) -> pa.Table:
    """Find models whose last check found drift; the further beyond its threshold, the worse."""
    grade = 1 - 1 / pl.col("severity").fill_null(1.0).clip(lower_bound=1.0)
    moved = view.verdicts().filter("drifted")
    return moved.select("model", severity=_LEAST + _SPAN * grade, reason="reason").to_arrow()


def unchecked(view: FleetView) -> pa.Table:
    """Find models of which nothing could be compared."""
    unknown = view.verdicts().filter(pl.col("drifted").is_null(), pl.col("reason").is_not_null())
    return unknown.select("model", severity=pl.lit(_UNCHECKED), reason="reason").to_arrow()


DRIFTED = TriageCause(
    "drift",
    "The model's data drifted.",
    "see what moved: `argosy show MODEL --drift`",
    drifted,
)
UNCHECKED = TriageCause(
    "drift unchecked",
    "The model's drift could not be checked.",
    "mend what the reason names, then `argosy drift`",
    unchecked,
)
