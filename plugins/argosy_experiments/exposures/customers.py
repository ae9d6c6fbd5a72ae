"""Customers per test group: the unit that was dealt into groups is the unit that counts."""

from __future__ import annotations

import polars as pl

from argosy.errors import BadInput
from argosy.kernels import total
from argosy_experiments.clusters import CLUSTER


def by_customer(followed: pl.DataFrame, experiment: str) -> pl.DataFrame:
    """Count customers, not exposures, as an A/B test must: one outcome per customer.

    Args:
        followed: as `credited` returns it; only mature exposures of the experiment count.
        experiment: which one.

    Returns:
        One row per `model` and `group`: `n` customers, `successes` (who bought), and the sums of
        revenue per customer, `total` and `squares`: what `ab_tests.rates.looked` and
        `ab_tests.means.compared` take. A customer that was seen in two groups is in neither.

    Example:
        >>> followed = pl.DataFrame({"model": "shop", "experiment": "e", "group": "control",
        ...                          "customer": ["ann", "ann", "bob"], "bought": [1, 1, 0],
        ...                          "revenue": [2.0, 3.0, 0.0], "mature": True})
        >>> by_customer(followed, "e").rows()
        [('shop', 'control', 2, 1, 5.0, 25.0)]
    """
    each = outcomes_of(followed, experiment)
    return (
        each.group_by("model", "group")
        .agg(
            n=pl.len(),
            successes=pl.col("success").sum(),
            total=total(pl.col("revenue")),
            squares=total(pl.col("revenue") ** 2),
        )
        .sort("model", "group")
    )


def outcomes_of(followed: pl.DataFrame, experiment: str) -> pl.DataFrame:
    """Return one row per customer of an experiment, as the job `ab_test` reads them.

    Args:
        followed: as `credited` returns it; only mature exposures of the experiment count.
        experiment: which one.

    Returns:
        `model`, `group`, `customer`, `success` (whether anything was bought) and `revenue`; and
        the `cluster` of the customer, where exposures have one. A customer that was seen in two
        groups is left out.

    Raises:
        BadInput: if a customer of a model is in two clusters, or in none while others are.
    """
    own = followed.filter(pl.col("experiment") == experiment, pl.col("group").is_not_null())
    together: list[pl.Expr] = []
    if CLUSTER in own.columns and own[CLUSTER].count():
        _refuse_torn(own)
        together = [pl.col(CLUSTER).first()]
    spoilt = own.group_by("model", "customer").agg(pl.col("group").n_unique())
    clean = spoilt.filter(pl.col("group") == 1).select("model", "customer")
    return (
        own.filter("mature")
        .join(clean, on=["model", "customer"], how="semi", maintain_order="left")
        .group_by("model", "group", "customer", maintain_order=True)
        .agg(*together, success=(pl.col("bought") > 0).any(), revenue=total(pl.col("revenue")))
    )


def _refuse_torn(own: pl.DataFrame) -> None:
    """Refuse exposures whose customers are not each in one cluster."""
    held = own.group_by("model", "customer").agg(
        many=pl.col(CLUSTER).n_unique(), none=pl.col(CLUSTER).null_count()
    )
    odd = held.filter((pl.col("many") > 1) | (pl.col("none") > 0)).sort("model", "customer")
    if odd.height:
        model, customer = odd.select("model", "customer").row(0)
        raise BadInput(
            f"customer {customer!r} of model {model!r} is not in one cluster at all its exposures;"
            " name a cluster that holds it, such as its household, or none"
        )


def switched(exposures: pl.DataFrame) -> pl.DataFrame:
    """List customers that were seen in more than one group of an experiment; there must be none.

    Returns:
        One row per `experiment`, `model` and `customer`, with the `groups`.
    """
    keys = ["experiment", "model", "customer"]
    return (
        exposures.filter(pl.col("experiment").is_not_null())
        .group_by(keys)
        .agg(groups=pl.col("group").fill_null("none").unique().sort())
        .filter(pl.col("groups").list.len() > 1)
        .sort(keys)
    )
