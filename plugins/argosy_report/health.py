"""How each model does: failed, drifted, healthy, or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.views.facts import all_rows_first, in_order, of_last_run
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
    """Return what each model's last evaluation measured.

    It is the last one over all rows where there is one, else the newest whole window of the last.
    """
    broken = pl.col("metric").is_null() & (pl.col("status") == "failed")
    measured = pl.col("metric").is_not_null() & (pl.col("slice") == "all")
    mine = _of_newest(fleet.evaluations(), fleet).filter(pl.col("whole").fill_null(value=True))
    return _newest_window(of_last_run(mine, all_rows_first(fleet.runs())).filter(broken | measured))


def health(fleet: FleetView, drift: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model that is not retired: in the order of triage, then the healthy.

    The columns are `model`, `team`, `owner`, `template`, `tier`, `state`, `excess`,
    `worst_column` and `reason`. `state` is the worst that any cause of triage says
    of it (`TriageCause.state`) and its verdict: `failed`, `drifted`, `unknown` or `healthy`. Only
    what was judged and found clear, and of which no cause says otherwise, is healthy.

    Args:
        fleet: any.
        drift: as `last_drift` gives it.
        scores: as `last_scores` gives them.
    """
    found = fleet.troubles()
    ranked = found.unique("model", keep="first", maintain_order=True).select("model", "reason")
    judged = fleet.verdicts().select("model", "verdict", "worst_column", why="reason")
    broken = scores.filter(pl.col("metric").is_null()).select("model").unique()
    excess = drift.filter(pl.col("status") == "drift").group_by("model").agg(pl.col("excess").max())
    told = found.group_by("model").agg(states=pl.col("state").drop_nulls().unique())
    said = pl.col("states").list
    unknown = (pl.col("verdict").fill_null(UNKNOWN) == UNKNOWN) | said.contains("unknown")
    state = (
        pl.when(pl.col("broken") | said.contains("failed").fill_null(value=False))
        .then(pl.lit("failed"))
        .when((pl.col("verdict") == DRIFTED) | said.contains("drifted"))
        .then(pl.lit("drifted"))
        .when(unknown)
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("healthy"))
    )
    return (
        fleet.models()
        .filter(pl.col("retired").ne_missing(True))
        .select("model", "team", "owner", "template", "tier")
        .collect()
        .join(ranked.with_row_index("rank"), on="model", how="left")
        .join(told, on="model", how="left")
        .join(judged, on="model", how="left")
        .join(broken.with_columns(broken=pl.lit(value=True)), on="model", how="left")
        .join(excess, on="model", how="left")
        .with_columns(pl.col("broken").fill_null(value=False))
        .with_columns(state.alias("state"), reason=pl.coalesce("reason", "why"))
        .sort(pl.col("state") == "healthy", "rank", "model", nulls_last=True)
        .drop("rank", "states", "verdict", "why", "broken")
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
