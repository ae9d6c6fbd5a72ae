"""Models that do worse than was estimated, or of which nothing was, need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.data.windows import in_order
from argosy.jobs.counts import NOT_APPLICABLE, judged
from argosy.store.damage import collect
from argosy.types import TriageCause
from argosy.views.facts import WINDOW
from argosy.views.failures import FAILED as BROKEN
from argosy.views.failures import WHOLLY, listed, standing_failures
from argosy.views.urgency import beyond, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from argosy.types import FleetView

_UNIT = ("model", "version")
_TIME = "%Y-%m-%d %H:%M"


def unjudged(rows: pl.LazyFrame, of: Sequence[str], url: str) -> pl.LazyFrame:
    """Say of every run whether it left open what it estimated: rows for `standing_failures`.

    As in the counts of a run (`argosy.jobs.counts.missed`), that is so where nothing came out, or
    something failed while other things came out; here of the newest whole window, or the newest
    one where none is whole. What applies to no model is not missed.

    Args:
        rows: estimates; those of what failed as a whole do not count.
        of: the columns that tell apart what is estimated, such as `model`, `version`, `dataset`.
        url: of the fleet.

    Returns:
        `run_id`, the columns `of`, `at`, `reason`, and `status`: `failed` where it is open. Only
        what was ever open has rows.
    """
    columns = ["run_id", *of]
    asked = rows.filter(pl.col("metric").is_not_null(), pl.col("status") != NOT_APPLICABLE)
    doubtful = collect(asked.filter(~judged()).select(of).unique(), url)
    mine = asked.join(doubtful.lazy(), on=of, how="semi")
    whole = pl.col("whole").fill_null(value=True)
    last = (
        mine.select(*columns, "whole", *WINDOW)
        .unique()
        .sort(whole, *in_order(), nulls_last=False)
        .unique(columns, keep="last", maintain_order=True)
        .select(*columns, *WINDOW)
    )
    newest = mine.join(last, on=[*columns, *WINDOW], how="semi", nulls_equal=True)
    open_ = BROKEN.any() | ~judged().any()
    return newest.group_by(columns).agg(
        at=pl.col("at").first(),
        reason=pl.col("reason").filter(~judged()).drop_nulls().first(),
        status=pl.when(open_).then(pl.lit("failed")).otherwise(pl.lit("ok")),
    )


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
