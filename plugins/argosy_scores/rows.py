"""The rows of one model: which of them count, their weighted totals, the reasons they may fail.

A row of weight zero counts as absent: whatever it holds, no metric and no reason sees it.
"""

from __future__ import annotations

import polars as pl

TRUTH = pl.col("truth")
PREDICTION = pl.col("prediction")
WEIGHT = pl.col("weight")
PRESENT = WEIGHT > 0

NO_WEIGHT = (~PRESENT.any(), "all weights are zero")


def total(where: pl.Expr) -> pl.Expr:
    """Add up the weights of the rows that fulfil a condition.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({"truth": [1.0, 0.0, 1.0], "weight": [1.0, 1.0, 0.5]})
        >>> rows.select(total(TRUTH == 1)).item()
        1.5
    """
    return pl.when(where).then(WEIGHT).otherwise(0.0).sum()


def mean(of: pl.Expr) -> pl.Expr:
    """Average an expression by weight, without the rows of weight zero.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({"truth": [1.0, 4.0, float("nan")], "weight": [2.0, 1.0, 0.0]})
        >>> rows.select(mean(TRUTH)).item()
        2.0
    """
    return pl.when(PRESENT).then(of * WEIGHT).otherwise(0.0).sum() / WEIGHT.sum()


def first_reason(*cases: tuple[pl.Expr, str]) -> pl.Expr:
    """Aggregate to the reason of the first condition that holds, or to null.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({"weight": [0.0, 0.0]})
        >>> rows.select(first_reason(NO_WEIGHT)).item()
        'all weights are zero'
    """
    reasons = [pl.when(holds).then(pl.lit(reason)) for holds, reason in cases]
    return pl.coalesce(*reasons, pl.lit(None, pl.String))


def missing(score: pl.Expr) -> tuple[tuple[pl.Expr, str], tuple[pl.Expr, str]]:
    """Return the cases in which a model gave no scores at all, or none for some rows.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({"score": [0.5, None], "weight": [1.0, 1.0]})
        >>> rows.select(first_reason(*missing(pl.col("score")))).item()
        'some rows have no score'
    """
    absent = PRESENT & score.is_null()
    return (
        (~(PRESENT & score.is_not_null()).any(), "the model gives no scores"),
        (absent.any(), "some rows have no score"),
    )


def improbable(score: pl.Expr) -> tuple[pl.Expr, str]:
    """Return the case in which a score is no probability.

    A hair outside of 0 and 1 passes, since probabilities in single precision land there.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({"score": [-3.5, 0.2], "weight": [1.0, 1.0]})
        >>> rows.select(first_reason(improbable(pl.col("score")))).item()
        'some scores are not probabilities'
    """
    outside = ~score.is_between(-1e-6, 1 + 1e-6)
    return (PRESENT & outside).any(), "some scores are not probabilities"
