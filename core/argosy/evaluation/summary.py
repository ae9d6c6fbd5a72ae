"""What an evaluation comes to, in a few lines: the course of each metric, and what is worst."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed

_LEVEL = 0.05


def by_metric(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row per metric: `models`, `median`, the `worst` value, and whose it is.

    Args:
        rows: of one run.
    """
    measured = rows.filter(pl.col("value").is_not_null(), slice="all").with_columns(
        place=_badness()
    )
    undefined = (
        rows.filter(slice="all", status="undefined")
        .group_by("metric")
        .agg(undefined=pl.len().cast(pl.Int64))
    )
    found = (
        measured.sort("place", descending=True, maintain_order=True)
        .group_by("metric", maintain_order=True)
        .agg(
            models=pl.col("model").n_unique().cast(pl.Int64),
            median=pl.col("value").median(),
            worst=pl.col("value").first(),
            worst_model=pl.col("model").first(),
        )
    )
    order = {name: number for number, name in enumerate(installed().metrics)}
    place = pl.col("metric").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    joined = found.join(undefined, on="metric", how="full", coalesce=True)
    return joined.with_columns(pl.col("models", "undefined").fill_null(0)).sort(place, "metric")


def worst_slices(rows: pl.DataFrame) -> pl.DataFrame:
    """Return each model's worst slice, where it is worse than chance explains, the worst first.

    It is the slice and metric with the smallest adjusted p-value of those whose gap to the other
    rows is in the bad direction.
    """
    worse = pl.col("gap") * _direction() < 0
    found = rows.filter(pl.col("q_value") <= _LEVEL, worse).sort("q_value", "p_value", "model")
    columns = ["model", "version", "window", "slice", "metric", "value", "gap", "n", "q_value"]
    return found.unique("model", keep="first", maintain_order=True).select(columns)


def _direction() -> pl.Expr:
    """Return 1 where more of a metric is better, else -1."""
    signs = {
        name: 1 if metric.higher_is_better else -1 for name, metric in installed().metrics.items()
    }
    return pl.col("metric").replace_strict(signs, default=1, return_dtype=pl.Int64)


def _badness() -> pl.Expr:
    return -pl.col("value") * _direction()
