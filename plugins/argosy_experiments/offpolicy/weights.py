"""Importance weights of logged rows, and how much such a log is worth."""

from __future__ import annotations

import polars as pl

from argosy.kernels import total

WEIGHT = "weight"

EFFECTIVE = total(pl.col(WEIGHT)) ** 2 / total(pl.col(WEIGHT) ** 2)
"""Kish's effective sample size: how many equally weighted rows would say as much.

Source: Kish, "Survey Sampling", Wiley (1965).
"""


def weighted(log: pl.DataFrame, clip: float | None = None) -> pl.DataFrame:
    """Add the `weight` of every row: how much likelier the target takes the action than the log.

    Args:
        log: with `target` and `propensity`, the probabilities with which the target and the
            logging policy take the action that was taken.
        clip: the largest weight; larger ones are cut, which trades variance for bias.

    Returns:
        The rows with `weight`, and with `clipped`, whether it was cut.

    Source: Ionides, "Truncated importance sampling", JCGS 17 (2008), for the cut.

    Example:
        >>> log = pl.DataFrame({"target": [0.5, 0.1, 0.9], "propensity": [0.5, 0.2, 0.1]})
        >>> weighted(log, clip=4)["weight"].to_list()
        [1.0, 0.5, 4.0]
    """
    ratio = pl.col("target") / pl.col("propensity")
    if clip is None:
        return log.with_columns(ratio.alias(WEIGHT), clipped=pl.lit(False))
    return log.with_columns(ratio.clip(upper_bound=clip).alias(WEIGHT), clipped=ratio > clip)


def fault() -> pl.Expr:
    """Return what is wrong with each logged row, or null.

    Example:
        >>> log = pl.DataFrame({"propensity": [0.5, 0.0], "target": [1.0, 1.0], "reward": 1.0})
        >>> log.select(fault()).to_series().to_list()
        [None, 'a propensity is not above 0 and at most 1']
    """
    propensity, target, reward = (pl.col(name) for name in ("propensity", "target", "reward"))
    return (
        pl.when(~_fine(propensity, (propensity > 0) & (propensity <= 1)))
        .then(pl.lit("a propensity is not above 0 and at most 1"))
        .when(~_fine(target, (target >= 0) & (target <= 1)))
        .then(pl.lit("a probability of the target policy is not between 0 and 1"))
        .when(~_fine(reward, reward.is_finite()))
        .then(pl.lit("a reward is missing or not finite"))
        .alias("fault")
    )


def _fine(column: pl.Expr, test: pl.Expr) -> pl.Expr:
    return column.is_finite().fill_null(False) & test.fill_null(False)
