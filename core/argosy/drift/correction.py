"""Decide fleet-wide which differences are drift, so that ten thousand clean models stay silent.

Two levels. Each model gets the Simes p-value of all its tests (Simes 1986); Benjamini-Hochberg
over the models gives `q_model` (Benjamini and Hochberg 1995). Inside the R of M models selected,
Benjamini-Hochberg at the level q·R/M gives `q_column` (Benjamini and Bogomolov 2014). A test
alerts where both are below q *and* its effect reaches its detector's floor.
"""

from __future__ import annotations

import polars as pl

LEVEL = 0.05
"""The share of false models among the flagged that is tolerated on average."""

_MODEL = ("model", "version")


def decide(results: pl.DataFrame, floors: dict[str, float], level: float = LEVEL) -> pl.DataFrame:
    """Fill in `q_model`, `q_column` and turn `status` from `ok` to `drift` where a test alerts.

    Args:
        results: one row per (model, version, column, detector) with `p_value`, `effect` and
            `status`; only rows that are `ok` and have a p-value are tests.
        floors: the smallest effect worth an alert, by detector.
        level: the tolerated share of false models among the flagged.

    >>> results = pl.DataFrame({
    ...     "model": ["a", "a", "b"], "version": ["1", "1", "1"], "column": ["x", "y", "x"],
    ...     "detector": ["ks"] * 3, "effect": [0.6, 0.1, 0.2], "p_value": [1e-9, 0.4, 0.3],
    ...     "status": ["ok"] * 3,
    ... })
    >>> decide(results, {"ks": 0.1}).select("model", "column", "status").rows()
    [('a', 'x', 'drift'), ('a', 'y', 'ok'), ('b', 'x', 'ok')]
    """
    results = results.drop("q_model", "q_column", strict=False).with_row_index("argosy_row")
    tests = results.filter(pl.col("p_value").is_not_null(), status="ok")
    adjusted = tests.sort(*_MODEL, "p_value").with_columns(
        q_column=_adjusted("p_value").over(_MODEL, order_by="p_value")
    )
    models = (
        adjusted.group_by(_MODEL)
        .agg(simes=pl.col("q_column").min())
        .sort("simes")
        .with_columns(q_model=_adjusted("simes"))
    )
    chosen = models.filter(pl.col("q_model") < level).height
    scale = models.height / max(chosen, 1)
    judged = adjusted.join(models, on=_MODEL, how="left").select(
        "argosy_row",
        "q_model",
        q_column=(pl.col("q_column") * scale).clip(upper_bound=1.0),
    )
    floor = pl.col("detector").replace_strict(floors, default=0.0, return_dtype=pl.Float64)
    alert = (pl.col("q_model") < level) & (pl.col("q_column") < level) & (pl.col("effect") >= floor)
    return (
        results.join(judged, on="argosy_row", how="left", maintain_order="left")
        .drop("argosy_row")
        .with_columns(status=pl.when(alert).then(pl.lit("drift")).otherwise("status"))
    )


def _adjusted(p_value: str) -> pl.Expr:
    """Benjamini-Hochberg adjusted p-values of ascending p-values."""
    rank = pl.int_range(1, pl.len() + 1)
    raw = pl.col(p_value) * pl.len() / rank
    return raw.cum_min(reverse=True).clip(upper_bound=1.0)
