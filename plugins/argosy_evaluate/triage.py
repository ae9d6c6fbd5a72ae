"""Models that could not be evaluated need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.store.damage import collect
from argosy.types import TriageCause
from argosy.views.facts import of_last_run

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_SEVERITY = 100.0


def find(view: FleetView) -> pa.Table:
    """Find models whose last evaluation failed as a whole."""
    last = of_last_run(view.evaluations(), view.runs())
    broken = collect(last.filter(pl.col("metric").is_null(), status="failed"), view.url)
    return (
        broken.unique("model", keep="first", maintain_order=True)
        .select(
            "model",
            severity=pl.lit(_SEVERITY),
            reason=pl.format("could not be evaluated: {}", "reason"),
        )
        .to_arrow()
    )


CAUSE = TriageCause(
    "evaluation failed",
    "The last evaluation of the model failed.",
    "mend what the reason names, then `argosy evaluate`",
    find,
)
