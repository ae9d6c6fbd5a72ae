"""Models that do worse than was estimated, or of which nothing was, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.types import TriageCause
from argosy.views.urgency import beyond, within
from argosy_troubles.failures import WHOLLY, listed, standing_failures, unjudged

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy.types import FleetView

_UNIT = ("model", "version")
_TIME = "%Y-%m-%d %H:%M"


def drifting(view: FleetView) -> pa.Table:
    """Find models with concept drift, by their newest version where it is that."""
    newest = view.models().select("model", newest="newest_version").collect()
    own = pl.col("version") == pl.col("newest")
    return (
        view.concept_drift()
        .join(newest, on="model", how="left")
        .sort(~own)
        .unique("model", keep="first", maintain_order=True)
        .select(
            *("model", "version", "since"),
            severity=within(70, 95, beyond(2 * pl.col("severity"))),
            reason=pl.when(own)
            .then("reason")
            .otherwise(pl.format("version {}: {}", "version", "reason")),
        )
        .to_arrow()
    )


def failed(view: FleetView) -> pa.Table:
    """Find versions in use of which nothing could be estimated on some data."""
    failures = standing_failures(view, "estimates", (*_UNIT, "dataset"), WHOLLY)
    told = pl.format("could not be estimated on '{}': {}", "dataset", "reason")
    return listed(failures, view, (20, 40), told)


def unknown(view: FleetView) -> pa.Table:
    """Find versions in use of which estimators answered that nothing can be estimated."""
    of = (*_UNIT, "dataset")
    open_ = standing_failures(view, unjudged(view.table("estimates"), of, view.url), of)
    told = pl.format(
        "its estimate on '{}' could not be made since {}, because {}",
        *("dataset", pl.col("since").dt.strftime(_TIME), "reason"),
    )
    return listed(open_, view, (20, 40), told)


DRIFTING = TriageCause(
    "concept drift",
    "Realised performance keeps lying beyond what was estimated, on the worse side.",
    "compare a retrained challenger: `argosy train`, then `argosy compare`",
    drifting,
)
FAILED = TriageCause(
    "estimate failed",
    "The last estimate of the model failed.",
    "mend what the reason names, then `argosy estimate --where \"model = 'MODEL'\"`",
    failed,
    state="unknown",
)
UNKNOWN = TriageCause(
    "estimate unknown",
    "The last estimate of the model could not be made.",
    "give it the rows or scores that the reason names, then"
    " `argosy estimate --where \"model = 'MODEL'\"`",
    unknown,
    state="unknown",
)
CAUSES = (DRIFTING, FAILED, UNKNOWN)
