"""Count the values of compared columns into bins, so that pictures need no raw data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_drift.pairs import KEYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BINS = 12


def numeric(samples: pl.DataFrame) -> pl.DataFrame:
    """Count both sides of each row into equal bins over the finite range of the two."""
    if samples.is_empty():
        return samples.select(_KEPT).clear().with_columns(_columns())
    sides = [_flat(samples[name]) for name in ("reference", "current")]
    ranges = [_finite_range(*flat, samples.height) for flat in sides]
    low = np.minimum(ranges[0][0], ranges[1][0])
    high = np.maximum(ranges[0][1], ranges[1][1])
    low = np.where(np.isfinite(low), low, 0.0)
    high = np.where(high > low, high, low + 1.0)
    edges = 2 * np.linspace(low / 2, high / 2, BINS + 1, axis=1)  # the range may be no number
    return samples.select(
        *_KEPT,
        pl.lit("numeric").alias("kind"),
        pl.Series("edges", edges).arr.to_list(),
        pl.lit(None, pl.List(pl.String)).alias("categories"),
        *(
            pl.Series(name, _counts(*flat, low, high)).arr.to_list()
            for name, flat in zip(("ref_counts", "cur_counts"), sides, strict=True)
        ),
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


_KEPT = (*KEYS, "null_ref", "null_cur")


def _columns() -> list[pl.Expr]:
    counts = pl.List(pl.Int64)
    return [
        pl.lit(None, pl.String).alias("kind"),
        pl.lit(None, pl.List(pl.Float64)).alias("edges"),
        pl.lit(None, pl.List(pl.String)).alias("categories"),
        pl.lit(None, counts).alias("ref_counts"),
        pl.lit(None, counts).alias("cur_counts"),
    ]


def _flat(lists: pl.Series) -> tuple[Floats, Ints]:
    """Return all values and the row that each belongs to."""
    rows = np.repeat(np.arange(len(lists)), lists.list.len().to_numpy())
    return lists.explode(empty_as_null=False).to_numpy(), rows


def _finite_range(values: Floats, rows: Ints, many: int) -> tuple[Floats, Floats]:
    finite = np.isfinite(values)
    low, high = np.full(many, np.inf), np.full(many, -np.inf)
    np.minimum.at(low, rows[finite], values[finite])
    np.maximum.at(high, rows[finite], values[finite])
    return low, high


def _counts(values: Floats, rows: Ints, low: Floats, high: Floats) -> Ints:
    start = low / 2
    share = (values / 2 - start[rows]) / (high / 2 - start)[rows]
    place = np.clip(share * BINS, 0, BINS - 1).astype(np.int64)
    return np.bincount(rows * BINS + place, minlength=len(low) * BINS).reshape(-1, BINS)
