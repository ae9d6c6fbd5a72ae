"""An evaluation in a few lines: each metric, the labels, and the worst slices."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed

_LEVEL = 0.05


def by_metric(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return a row per metric: `models`, `median`, the `worst` value, and its model.

    Args:
        rows: of one run.
    """
    known = pl.col("value").is_not_null()
    worst_first = pl.col("value") * _direction()
    found = (
        rows.filter(pl.col("metric").is_not_null(), slice="all")
        .select("metric", "model", "value", "status", place=worst_first)
        .group_by("metric")
        .agg(
            models=pl.col("model").filter(known).n_unique().cast(pl.Int64),
            median=pl.col("value").median(),
            worst=pl.col("value").filter(known).sort_by(pl.col("place").filter(known)).first(),
            worst_model=pl.col("model")
            .filter(known)
            .sort_by(pl.col("place").filter(known))
            .first(),
            undefined=(pl.col("status") == "undefined").sum().cast(pl.Int64),
        )
        .collect()
    )
    order = {name: number for number, name in enumerate(installed().metrics)}
    place = pl.col("metric").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return found.sort(place, "metric")


def labels(rows: pl.LazyFrame) -> dict[str, int]:
    """Sum the counts of labels: `n`, `mature`, `immature`, `duplicates`, `unmatched`.

    Args:
        rows: of one run; every model, or window of a model, counts once.
    """
    names = ["n", "mature", "immature", "duplicates"]
    of = ["model", "version", "window"]
    once = rows.filter(pl.col("mature").is_not_null(), slice="all").unique(of)
    models = once.unique(of[:2]).select(pl.col("unmatched").sum())
    found = pl.concat([once.select(pl.col(names).sum()), models], how="horizontal").collect()
    return {name: int(value or 0) for name, value in found.row(0, named=True).items()}


def worst_slices(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return each model's worst slice if chance does not explain it, worst first.

    It is the slice and metric with the smallest adjusted p-value of those whose gap to the other
    rows is in the bad direction.
    """
    worse = pl.col("gap") * _direction() < 0
    found = rows.filter(pl.col("q_value") <= _LEVEL, worse).sort("q_value", "p_value", "model")
    columns = ["model", "version", "window", "slice", "metric", "value", "gap", "n", "q_value"]
    return found.unique("model", keep="first", maintain_order=True).select(columns).collect()


def _direction() -> pl.Expr:
    """Return 1 where more of a metric is better, else -1."""
    signs = {
        name: 1 if metric.higher_is_better else -1 for name, metric in installed().metrics.items()
    }
    return pl.col("metric").replace_strict(signs, default=1, return_dtype=pl.Int64)
