"""M4's overall weighted average: errors over those of Naive2, averaged over the series first."""

from __future__ import annotations

import polars as pl

from argosy.errors import BadInput
from argosy.kernels import mean


def owa(scores: pl.DataFrame, reference: str = "naive2") -> pl.DataFrame:
    """Return each method's sMAPE and MASE, and the mean of their ratios to the reference's.

    A series counts where both metrics of all methods are numbers, so that the averages are of the
    same series.

    Args:
        scores: what `score` finds of series and methods.
        reference: the method that all are compared with.

    Returns:
        `method`, `smape`, `mase`, `owa`, `series` (how many count), `left_out`, `reason`, sorted.

    Raises:
        BadInput: if the reference is none of the methods.

    Source: Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition: 100,000 time series and
    61 forecasting methods", International Journal of Forecasting 36 (2020).

    Example:
        >>> scores = pl.DataFrame({
        ...     "series": ["a", "a"] * 2, "method": ["naive2"] * 2 + ["theta"] * 2,
        ...     "metric": ["smape", "mase"] * 2, "value": [10.0, 2.0, 9.0, 1.9],
        ... })
        >>> owa(scores).select("method", "owa").rows()
        [('naive2', 1.0), ('theta', 0.925)]
    """
    methods = scores["method"].unique().sort()
    if reference not in methods:
        raise BadInput(f"no method is called {reference!r}; scored are {', '.join(methods)}")
    both = scores.filter(pl.col("metric").is_in(["smape", "mase"]))
    wide = both.pivot("metric", index=["series", "method"], values="value")
    whole = pl.col("smape").is_not_null() & pl.col("mase").is_not_null()
    counts = wide.group_by("series").agg((whole.sum() == len(methods)).alias("all"))
    alike = wide.join(counts, on="series").sort("method", "series")
    kept = alike.filter("all")
    means = pl.DataFrame({"method": methods}).join(
        kept.group_by("method", maintain_order=True).agg(
            mean(pl.col("smape")).alias("smape"), mean(pl.col("mase")).alias("mase")
        ),
        on="method",
        how="left",
        maintain_order="left",
    )
    base = means.filter(pl.col("method") == reference)
    smape, mase = (base[name][0] or None for name in ("smape", "mase"))
    ratio = (
        pl.col("smape") / pl.lit(smape, pl.Float64) + pl.col("mase") / pl.lit(mase, pl.Float64)
    ) / 2
    why = (
        pl.when(pl.col("smape").is_null())
        .then(pl.lit("no series has both metrics of all methods"))
        .when(pl.col("owa").is_null())
        .then(pl.lit(f"{reference} is never wrong here"))
    )
    many = kept["series"].n_unique()
    return means.with_columns(
        owa=ratio,
        series=pl.lit(many, pl.Int64),
        left_out=pl.lit(scores["series"].n_unique() - many, pl.Int64),
    ).with_columns(reason=why)
