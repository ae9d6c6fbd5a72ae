"""Models that could not predict need a person: somebody waits for their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.registry.registration import EXTERNAL
from argosy.types import TriageCause
from argosy_troubles.failures import listed, standing_failures

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView


def find(view: FleetView) -> pa.Table:
    """Find versions in use whose last predictions failed; those scored elsewhere make none here."""
    failures = standing_failures(view, "predictions", ("model", "version", "dataset"))
    elsewhere = view.versions().filter(format=EXTERNAL).select("model", "version").collect()
    own = failures.join(elsewhere, on=["model", "version"], how="anti")
    told = pl.format("could not predict '{}': {}", "dataset", "reason")
    return listed(own, view, (90, 100), told)


CAUSE = TriageCause(
    "prediction failed",
    "The last predictions of the model failed.",
    "mend what the reason names, then `argosy predict --where \"model = 'MODEL'\"`",
    find,
)
