"""Importance weights of logged rows, and how much such a log is worth."""

from __future__ import annotations

import polars as pl

from argosy.kernels import mean, total
from argosy_experiments.clusters import CLUSTER

WEIGHT = "weight"

EFFECTIVE = total(pl.col(WEIGHT)) ** 2 / total(pl.col(WEIGHT) ** 2)
"""Kish's effective sample size: how many equally weighted rows would say as much.

Source: Kish, "Survey Sampling", Wiley (1965).
"""
_REWARD = pl.col("reward")
_OFF = (_REWARD - mean(_REWARD)).abs()

WORTH = (
    pl.when((pl.col(WEIGHT).max() > 0) & (total(_REWARD**2) > 0))
    .then(EFFECTIVE * total(_REWARD) ** 2 / (pl.len() * total(_REWARD**2)))
    .otherwise(0.0)
)
"""How many rewards a log is worth: its effective sample size times the effective share of rewards.

It has no unit. Of rewards of 0 and 1 it is the effective sample size times the mean reward, so
that a log of rare rewards and uneven weights, most of which never met, is seen to say little. Of
rewards around 0 it is near 0; a constant that is added to all of them raises it, and says nothing:
hence `EVEN`.
"""

EVEN = (
    pl.when(pl.col(WEIGHT).max() > 0)
    .then(total(pl.col(WEIGHT) ** 2) ** 3 / total(pl.col(WEIGHT) ** 3) ** 2)
    .otherwise(0.0)
) * (
    pl.when(_OFF.max() > 1e-9 * _REWARD.abs().max())
    .then(total(_OFF**2) ** 3 / (pl.len() * total(_OFF**3) ** 2))
    .otherwise(1.0)
)
"""How many rows of one weight and of rewards of a fair coin are as lopsided as a log.

A mean is normal where its number of rows is large beside the square of their skewness; here that
of the weights and that of the rewards are multiplied, since of rare rewards at large weights most
are not in the log. No constant added to the rewards, and no sign of them, changes it.

Source: Cochran, "Sampling techniques", Wiley (1977), section 2.15, for the rule.
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


def fault(clustered: bool = False) -> pl.Expr:
    """Return what is wrong with each logged row, or null.

    Args:
        clustered: whether every row must have a `cluster`.

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
        .when(pl.col(CLUSTER).is_null() if clustered else pl.lit(False))
        .then(pl.lit("a row has no cluster"))
        .alias("fault")
    )


def _fine(column: pl.Expr, test: pl.Expr) -> pl.Expr:
    return column.is_finite().fill_null(False) & test.fill_null(False)
