"""Whether a slice has other labels than the rows beside it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_evaluate.fisher import fisher

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.05
"""Shares of positives that differ less surely are not worth a word."""


def moved(classes: NDArray[np.int64], binary: pl.Series) -> pl.Series:
    """Say where positives are fewer or more than beside the slice; null where they are not.

    Args:
        classes: rows of class 0 and 1, of the slice and beside it; shape (2, 2, slices).
        binary: whether there are two classes; shape (slices,).

    Example:
        >>> counts = np.array([[[880], [690]], [[120], [310]]])
        >>> moved(counts, pl.Series([True])).to_list()
        ['fewer positives: 12 % against 31 %']
    """
    every = np.add(classes[0], classes[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = 100 * classes[1] / every
    p = fisher(classes[1, 0], every[0], classes[1, 1], every[1])
    frame = pl.DataFrame({"own": share[0], "rest": share[1], "p": p, "binary": binary})
    word = pl.when(pl.col("own") < pl.col("rest")).then(pl.lit("fewer")).otherwise(pl.lit("more"))
    told = pl.format("{} positives: {} % against {} %", word, _percent("own"), _percent("rest"))
    return frame.select(
        pl.when(pl.col("binary") & (pl.col("p") < LEVEL)).then(told).alias("rates")
    ).to_series()


def _percent(name: str) -> pl.Expr:
    number = pl.col(name)
    return (
        pl.when(number >= 10)
        .then(number.round(0).cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(number.round(1).cast(pl.String))
    )
