"""Decide fleet-wide which differences are drift, so that ten thousand clean models stay silent.

Three levels, each by Simes (1986) and Benjamini-Hochberg (1995): the tests of a column, weighted
by how much their detectors are trusted (Genovese, Roeder and Wasserman 2006), make the column's
p-value; the columns make the model's; over the models of one window, Benjamini-Hochberg gives
`q_model`. Inside the R of M models selected, columns are judged at the level times R/M
(Benjamini and Bogomolov 2014), which is `q_column`; inside a column, its tests likewise.
A test alerts where all three are below the level *and* its effect reaches its floor.
"""

from __future__ import annotations

import polars as pl

LEVEL = 0.05
"""The share of false models among the flagged that is tolerated on average."""

FAMILY = ("window",)
UNIT = (*FAMILY, "model", "version", "segment_key", "segment_value")
_COLUMN = (*UNIT, "column")


def decide(results: pl.DataFrame) -> pl.DataFrame:
    """Fill in `q_model`, `q_column` and turn `status` from `ok` to `drift` where a test alerts.

    Args:
        results: one row per test: the columns of `UNIT`, `column`, `p_value`, `effect`, `status`
            (only rows that are `ok` and have a p-value are tests), and what it is held to:
            `weight` (positive), `threshold` (the smallest effect worth an alert) and `level`.

    >>> results = pl.DataFrame({
    ...     "window": [None] * 3, "segment_key": [None] * 3, "segment_value": [None] * 3,
    ...     "model": ["a", "a", "b"], "version": ["1", "1", "1"], "column": ["x", "y", "x"],
    ...     "effect": [0.6, 0.1, 0.2], "p_value": [1e-9, 0.4, 0.3], "status": ["ok"] * 3,
    ...     "weight": [1.0] * 3, "threshold": [0.1] * 3, "level": [0.05] * 3,
    ... })
    >>> decide(results).select("model", "column", "status").rows()
    [('a', 'x', 'drift'), ('a', 'y', 'ok'), ('b', 'x', 'ok')]
    """
    results = results.drop("q_model", "q_column", strict=False).with_row_index("argosy_row")
    tests = (
        results.filter(pl.col("p_value").is_not_null(), status="ok")
        .with_columns(argosy_column=pl.struct(_COLUMN).rank("dense"))
        .select(
            "argosy_row",
            "argosy_column",
            *UNIT,
            "level",
            p=pl.col("p_value") * pl.col("weight").mean().over("argosy_column") / pl.col("weight"),
        )
        .sort("argosy_column", "p")
        .with_columns(q_test=_adjusted("p").over("argosy_column"))
    )
    columns = tests.group_by("argosy_column").agg(
        pl.col(*UNIT, "level").first(), p=pl.col("q_test").min()
    )
    columns = columns.with_columns(argosy_unit=pl.struct(UNIT).rank("dense"))
    columns = columns.sort("argosy_unit", "p")
    columns = columns.with_columns(q_column=_adjusted("p").over("argosy_unit"))
    models = columns.group_by("argosy_unit").agg(
        pl.col(*FAMILY, "level").first(), p=pl.col("q_column").min()
    )
    models = models.sort(*FAMILY, "p").with_columns(q_model=_adjusted("p").over(FAMILY))
    chosen = (pl.col("q_model") < pl.col("level")).sum().over(FAMILY)
    models = models.with_columns(share=pl.len().over(FAMILY) / chosen.clip(lower_bound=1))
    columns = columns.join(
        models.select("argosy_unit", "q_model", "share"), on="argosy_unit", how="left"
    ).with_columns(q_column=(pl.col("q_column") * pl.col("share")).clip(upper_bound=1.0))
    chosen = (pl.col("q_column") < pl.col("level")).sum().over("argosy_unit")
    columns = columns.with_columns(
        share=pl.col("share") * pl.len().over("argosy_unit") / chosen.clip(lower_bound=1)
    )
    judged = tests.select("argosy_row", "argosy_column", "q_test").join(
        columns.select("argosy_column", "q_model", "q_column", "share"), on="argosy_column"
    )
    sure = pl.max_horizontal("q_model", "q_column", pl.col("q_test") * pl.col("share"))
    alert = (sure < pl.col("level")) & (pl.col("effect") >= pl.col("threshold"))
    return (
        results.join(judged, on="argosy_row", how="left", maintain_order="left")
        .with_columns(status=pl.when(alert).then(pl.lit("drift")).otherwise("status"))
        .drop("argosy_row", "argosy_column", "q_test", "share")
    )


def _adjusted(p_value: str) -> pl.Expr:
    """Benjamini-Hochberg adjusted p-values of ascending p-values."""
    raw = pl.col(p_value) * pl.len() / pl.int_range(1, pl.len() + 1)
    return raw.cum_min(reverse=True).clip(upper_bound=1.0)
