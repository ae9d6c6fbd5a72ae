"""Count the values of compared columns into bins, so that pictures need no raw data."""

from __future__ import annotations

import numpy as np
import polars as pl

BINS = 12


def numeric(samples: pl.DataFrame) -> pl.DataFrame:
    """Count both sides of each row into equal bins over the finite range of the two."""
    if samples.is_empty():
        return samples.select(_KEPT).clear().with_columns(_columns())
    finite = pl.element().is_finite()
    bounds = samples.select(
        low=pl.concat_list("reference", "current")
        .list.eval(pl.element().filter(finite))
        .list.min(),
        high=pl.concat_list("reference", "current")
        .list.eval(pl.element().filter(finite))
        .list.max(),
    ).fill_null(0.0)
    low, high = bounds["low"].to_numpy(), bounds["high"].to_numpy()
    high = np.where(high > low, high, low + 1.0)
    edges = np.linspace(low, high, BINS + 1, axis=1)
    return samples.select(
        *_KEPT,
        pl.lit("numeric").alias("kind"),
        pl.Series("edges", edges.tolist(), dtype=pl.List(pl.Float64)),
        pl.lit(None, pl.List(pl.String)).alias("categories"),
        _counts(samples["reference"], low, high).alias("ref_counts"),
        _counts(samples["current"], low, high).alias("cur_counts"),
    )


def categorical(samples: pl.DataFrame) -> pl.DataFrame:
    """Keep the counts as they are."""
    return samples.select(
        *_KEPT,
        pl.lit("categorical").alias("kind"),
        pl.lit(None, pl.List(pl.Float64)).alias("edges"),
        "categories",
        "ref_counts",
        "cur_counts",
    )


_KEPT = ("model", "version", "column", "null_ref", "null_cur")


def _columns() -> list[pl.Expr]:
    counts = pl.List(pl.Int64)
    return [
        pl.lit(None, pl.String).alias("kind"),
        pl.lit(None, pl.List(pl.Float64)).alias("edges"),
        pl.lit(None, pl.List(pl.String)).alias("categories"),
        pl.lit(None, counts).alias("ref_counts"),
        pl.lit(None, counts).alias("cur_counts"),
    ]


def _counts(values: pl.Series, low: np.ndarray, high: np.ndarray) -> pl.Series:
    rows = np.repeat(np.arange(len(values)), values.list.len().to_numpy())
    flat = values.explode(empty_as_null=False).to_numpy()
    share = (flat - low[rows]) / (high[rows] - low[rows])
    place = np.clip(share * BINS, 0, BINS - 1).astype(np.int64)
    counted = np.bincount(rows * BINS + place, minlength=len(values) * BINS)
    return pl.Series(counted.reshape(-1, BINS).tolist(), dtype=pl.List(pl.Int64))
