"""An evaluation in a few lines: each metric, the labels, and the worst slices."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed

_LEVEL = 0.05


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


def worst_slices(rows: pl.LazyFrame) -> pl.DataFrame:
    """Return each model's worst slice if chance does not explain it, worst first.

    It is the slice and metric with the smallest adjusted p-value of those that are worse than the
    other rows: by size where a metric is best at zero, whatever the sign of the gap. A metric that
    moves with the base rate alone is named only where no other is, and `gap_reason` says how the
    base rates differ, if they do.
    """
    rest = pl.col("value") - pl.col("gap")
    worse = goodness(pl.col("value")) < goodness(rest)
    named = [name for name, metric in installed().metrics.items() if metric.moves_with_base_rate]
    moves = pl.col("metric").is_in(named)
    found = rows.filter(pl.col("q_value") <= _LEVEL, worse)
    first = found.sort(moves, "q_value", "p_value", "model", "slice", "metric")
    each = first.unique("model", keep="first", maintain_order=True)
    columns = ["model", "version", "window", "slice", "metric", "value", "gap"]
    columns += ["gap_lower", "gap_upper", "n", "q_value", "gap_reason"]
    return each.sort("q_value", "p_value", "model").select(columns).collect()


def goodness(value: pl.Expr) -> pl.Expr:
    """Return how good values of the metrics in the column `metric` are: more is better.

    It is `Metric.goodness` of many metrics at once, and null for one that no plugin offers.
    """
    known = installed().metrics
    signs = {name: 1 if metric.higher_is_better else -1 for name, metric in known.items()}
    good = value * pl.col("metric").replace_strict(signs, default=None, return_dtype=pl.Int64)
    for name, metric in known.items():
        if metric.best is not None:
            good = pl.when(pl.col("metric") == name).then(metric.goodness(value)).otherwise(good)
    return good
