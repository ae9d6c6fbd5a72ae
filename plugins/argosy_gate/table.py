"""Lay evaluations out for the gates: one row per model and dataset, in one metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFERRED = ("auc", "balanced_accuracy", "rmse")
"""The metrics that gates look at, the first that a model has; none flatters a rare class."""
SUBJECT, NAIVE = "version", "naive"
"""Who was measured: the version itself, or the best constant; else a baseline's name."""

_MODEL = ["model", "version"]
ROWS: dict[str, Any] = {
    **dict.fromkeys((*_MODEL, "dataset", "dataset_digest", "metric"), pl.String),
    **dict.fromkeys(("value", "error", "base", "base_error", "scale", "best"), pl.Float64),
    "sign": pl.Int8,
    "n": pl.Int64,
    "reason": pl.String,
}
"""The columns of the table that gates are handed."""


def beside(
    measured: pl.DataFrame,
    base: str,
    traits: pl.DataFrame,
    metrics: Sequence[str] = PREFERRED,
) -> pl.DataFrame:
    """Put each dataset's value beside that of the base case.

    Args:
        measured: evaluations: `model`, `version`, `dataset`, `dataset_digest`, `who`, `metric`,
            `value`, `error`, `n`, `status` and `reason`; `who` is `version`, or `naive` for the
            best constant on the same rows. A row without a metric says why nothing was measured.
        base: the dataset that others are held against.
        traits: of the metrics: `metric`, `sign` (1 where more is better, else -1) and `best`.
        metrics: those that may be looked at, in order of preference: the first that is defined
            for both the dataset and the base case.

    Returns:
        One row per model and dataset: the columns of `ROWS`. `base` is the value of the base
        case, `scale` how far the best constant is from the `best` value there: the unit of
        losses. `reason` says why there is no value.
    """
    order = pl.DataFrame({"metric": list(metrics), "rank": range(len(metrics))})
    own = measured.filter(who=SUBJECT)
    asked = own.select(*_MODEL, "dataset").unique(maintain_order=True)
    known = own.filter(status="ok").join(order, on="metric").join(traits, on="metric")
    ground = known.filter(dataset=base).select(*_MODEL, "metric", base="value", base_error="error")
    bar = measured.filter(who=NAIVE, dataset=base, status="ok").select(
        *_MODEL, "metric", bar="value"
    )
    both = (
        known.join(ground, on=[*_MODEL, "metric"])
        .join(bar, on=[*_MODEL, "metric"], how="left")
        .sort("rank")
        .unique([*_MODEL, "dataset"], keep="first", maintain_order=True)
        .with_columns(scale=(pl.col("best") - pl.col("bar")).abs())
    )
    why = _reasons(own, both, base)
    columns = [name for name in ROWS if name not in {*_MODEL, "dataset", "reason"}]
    return (
        asked.join(both.select(*_MODEL, "dataset", *columns), on=[*_MODEL, "dataset"], how="left",
                   maintain_order="left")
        .join(why, on=[*_MODEL, "dataset"], how="left", maintain_order="left")
        .select(pl.col(name).cast(kind) for name, kind in ROWS.items())
    )  # fmt: skip


def _reasons(own: pl.DataFrame, both: pl.DataFrame, base: str) -> pl.DataFrame:
    """Say of every model and dataset that has no value why it has none."""
    key = [*_MODEL, "dataset"]
    missing = own.join(both, on=key, how="anti")
    reasons = (
        missing.filter(pl.col("reason").is_not_null())
        .unique(key, keep="first", maintain_order=True)
        .select(*key, "reason")
    )
    unfit = missing.select(key).unique(maintain_order=True)
    return unfit.join(reasons, on=key, how="left", maintain_order="left").with_columns(
        pl.col("reason").fill_null(f"no metric is defined both here and on {base}")
    )
