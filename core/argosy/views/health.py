"""How each model does: failed, drifted, healthy, or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.data.windows import in_order
from argosy.views.facts import of_last_run
from argosy.views.verdicts import DRIFTED, UNKNOWN, severity

if TYPE_CHECKING:
    from argosy.types import FleetView


def last_drift(fleet: FleetView) -> pl.LazyFrame:
    """Return all rows of the newest window of each model's last drift check.

    The columns are those of `drift`, and `excess`: how many times larger the effect is than the
    threshold.
    """
    whole = fleet.drift().filter(pl.col("segment_key").is_null())
    return _newest_window(of_last_run(_of_newest(whole, fleet), fleet.runs())).with_columns(
        excess=severity()
    )


def last_scores(fleet: FleetView) -> pl.LazyFrame:
    """Return all rows of the newest window of each model's last evaluation."""
    whole = pl.col("metric").is_null() | (pl.col("slice") == "all")
    mine = _of_newest(fleet.evaluations(), fleet)
    return _newest_window(of_last_run(mine, fleet.runs()).filter(whole))


def health(fleet: FleetView, drift: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model: those that triage ranks, in its order, then the healthy.

    The columns are `model`, `team`, `owner`, `template`, `tier`, `state`, `excess`,
    `worst_column` and `reason`. `state` is `failed`, `drifted`, `unknown` or `healthy`: only what
    was judged and found clear, and listed for no other cause, is healthy.

    Args:
        fleet: any.
        drift: as `last_drift` gives it.
        scores: as `last_scores` gives them.
    """
    ranked = fleet.triage().select("model", "reason", "cause").with_row_index("rank")
    judged = fleet.verdicts().select("model", "verdict", "worst_column", why="reason")
    broken = scores.filter(pl.col("metric").is_null()).select("model").unique()
    excess = drift.filter(pl.col("status") == "drift").group_by("model").agg(pl.col("excess").max())
    unknown = pl.col("verdict").fill_null(UNKNOWN) == UNKNOWN
    state = (
        pl.when("broken")
        .then(pl.lit("failed"))
        .when(pl.col("verdict") == DRIFTED)
        .then(pl.lit("drifted"))
        .when(unknown)
        .then(pl.lit("unknown"))
        .when(pl.col("rank").is_not_null())
        .then(pl.lit("failed"))
        .otherwise(pl.lit("healthy"))
    )
    return (
        fleet.models()
        .select("model", "team", "owner", "template", "tier")
        .collect()
        .join(ranked, on="model", how="left")
        .join(judged, on="model", how="left")
        .join(broken.with_columns(broken=pl.lit(value=True)), on="model", how="left")
        .join(excess, on="model", how="left")
        .with_columns(pl.col("broken").fill_null(value=False))
        .with_columns(state.alias("state"), reason=pl.coalesce("reason", "why"))
        .sort("rank", pl.col("state") == "healthy", "model", nulls_last=True)
        .drop("rank", "verdict", "why", "broken", "cause")
    )


def _of_newest(rows: pl.LazyFrame, fleet: FleetView) -> pl.LazyFrame:
    """Keep what was found of the newest versions: others say nothing of how a model fares."""
    newest = fleet.models().select("model", version="newest_version")
    return rows.join(newest, on=["model", "version"], how="semi")


def _newest_window(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the rows of each model's newest window."""
    cut = rows.filter(pl.col("window").is_not_null())
    last = cut.sort(*in_order(), nulls_last=False).group_by("model").agg(pl.col("window").last())
    kept = cut.join(last, on=["model", "window"], how="semi")
    return pl.concat([rows.filter(pl.col("window").is_null()), kept])
