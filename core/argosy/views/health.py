"""How each model does: failed, drifted, healthy, or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.views.facts import of_last_run

if TYPE_CHECKING:
    from argosy.types import FleetView


def severity() -> pl.Expr:
    """How many times the threshold an effect is; a threshold below 0.001 counts as 0.001."""
    return pl.col("effect") / pl.col("threshold").clip(lower_bound=1e-3)


def last_drift(fleet: FleetView) -> pl.LazyFrame:
    """Return all rows of the newest window of each model's last drift check.

    The columns are those of `drift`, and `excess`: how many times larger the effect is than the
    threshold.
    """
    rows = of_last_run(fleet.drift(), fleet.runs()).filter(pl.col("segment_key").is_null())
    newest = pl.col("window") == pl.col("window").max().over("model")
    return rows.filter(pl.col("window").is_null() | newest).with_columns(excess=severity())


def last_scores(fleet: FleetView) -> pl.LazyFrame:
    """Return all rows of the newest window of each model's last evaluation."""
    whole = pl.col("metric").is_null() | (pl.col("slice") == "all")
    newest = pl.col("window_start") == pl.col("window_start").max().over("model")
    rows = of_last_run(fleet.evaluations(), fleet.runs()).filter(whole)
    return rows.filter(pl.col("window_start").is_null() | newest)


def health(fleet: FleetView, drift: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model: those that triage ranks, in its order, then the healthy.

    The columns are `model`, `team`, `owner`, `template`, `tier`, `state`, `excess`,
    `worst_column` and `reason`. `state` is `failed`, `drifted`, `unknown` (never checked, or too
    few rows for every test) or `healthy`.

    Args:
        fleet: any.
        drift: as `last_drift` gives it.
        scores: as `last_scores` gives them.
    """
    ranked = (
        fleet.triage().select("model", "drifted", "worst_column", "reason").with_row_index("rank")
    )
    broken = scores.filter(pl.col("metric").is_null()).select("model").unique()
    excess = drift.filter(pl.col("status") == "drift").group_by("model").agg(pl.col("excess").max())
    compared = pl.col("status").is_in(["ok", "watch"])
    sound = drift.group_by("model").agg(compared.any().alias("sound"))
    listed = pl.col("rank").is_not_null()
    state = (
        pl.when(listed & (~pl.col("drifted") | pl.col("broken")))
        .then(pl.lit("failed"))
        .when(listed)
        .then(pl.lit("drifted"))
        .when(pl.col("sound"))
        .then(pl.lit("healthy"))
        .otherwise(pl.lit("unknown"))
    )
    return (
        fleet.models()
        .select("model", "team", "owner", "template", "tier")
        .collect()
        .join(ranked, on="model", how="left")
        .join(broken.with_columns(broken=pl.lit(value=True)), on="model", how="left")
        .join(excess, on="model", how="left")
        .join(sound, on="model", how="left")
        .with_columns(pl.col("broken").fill_null(value=False))
        .with_columns(state.alias("state"))
        .sort("rank", pl.col("state") == "healthy", "model", nulls_last=True)
        .drop("rank", "drifted", "broken", "sound")
    )
