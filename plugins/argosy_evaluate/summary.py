"""An evaluation in a few lines: each metric, and the labels."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed
from argosy.views.metrics import goodness


def by_metric(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return a row per metric: `models`, `median`, the `worst` value, and its model.

    Where rows were cut into windows, only whole ones count, and `worst_window` is that of the worst
    value.

    Args:
        rows: of one run.
    """
    cut = "window" in rows.collect_schema()
    if cut:
        rows = rows.filter(pl.col("whole").fill_null(value=True))
    window = pl.col("window") if cut else pl.lit(None, pl.String)
    known = pl.col("value").is_not_null()
    placed = pl.col("place").is_not_null()
    worst_first = goodness(pl.col("value"))
    found = (
        rows.filter(pl.col("metric").is_not_null(), slice="all")
        .select("metric", "model", "value", "status", place=worst_first, window=window)
        .group_by("metric")
        .agg(
            models=pl.col("model").filter(known).n_unique().cast(pl.Int64),
            median=pl.col("value").median(),
            worst=pl.col("value").filter(placed).sort_by(pl.col("place").filter(placed)).first(),
            worst_model=pl.col("model")
            .filter(placed)
            .sort_by(pl.col("place").filter(placed))
            .first(),
            worst_window=pl.col("window")
            .filter(placed)
            .sort_by(pl.col("place").filter(placed))
            .first(),
            undefined=(pl.col("status") == "undefined").sum().cast(pl.Int64),
        )
        .collect()
    )
    if found["worst_window"].null_count() == found.height:
        found = found.drop("worst_window")
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
