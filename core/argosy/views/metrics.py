"""How good the values of metrics are, and each model's worst slice."""

from __future__ import annotations

import polars as pl

from argosy.plugins import installed

_LEVEL = 0.05


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
