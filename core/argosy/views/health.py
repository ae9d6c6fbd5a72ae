"""How each model fares: failed, drifted, healthy, or unknown where nobody could tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.views.facts import of_last_run

if TYPE_CHECKING:
    from argosy.types import FleetView


def severity() -> pl.Expr:
    """How many times an effect is the one that alerts; a threshold of nearly zero is no divisor."""
    return pl.col("effect") / pl.col("threshold").clip(lower_bound=1e-3)


def last_drift(fleet: FleetView) -> pl.LazyFrame:
    """Return the newest window of each model's last drift check, all of its rows together.

    The columns are those of `drift`, and `excess`: how many times the effect is the one that
    alerts.
    """
    rows = of_last_run(fleet.drift(), fleet.runs()).filter(pl.col("segment_key").is_null())
    newest = pl.col("window") == pl.col("window").max().over("model")
    return rows.filter(pl.col("window").is_null() | newest).with_columns(excess=severity())


def last_scores(fleet: FleetView) -> pl.LazyFrame:
    """Return the newest window of each model's last evaluation, all of its rows together."""
    whole = pl.col("metric").is_null() | (pl.col("slice") == "all")
    newest = pl.col("window_start") == pl.col("window_start").max().over("model")
    rows = of_last_run(fleet.evaluations(), fleet.runs()).filter(whole)
    return rows.filter(pl.col("window_start").is_null() | newest)


def health(fleet: FleetView, drift: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Return one row per model: what triage ranks first and in its order, the healthy last.

    The columns are `model`, `team`, `owner`, `template`, `tier`, `state`, `excess`,
    `worst_column` and `reason`. `state` is `failed`, `drifted`, `unknown` or `healthy`: nobody
    knows how a model fares that was never checked, or had too few rows for every test.

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
