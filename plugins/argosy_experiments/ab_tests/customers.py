"""The customers of an A/B test, counted for all models that share their data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from argosy.data.datasets import MODEL
from argosy.kernels import total
from argosy.kernels.numbers import number
from argosy.kernels.values import spelling
from argosy_experiments.ab_tests.clustered import cluster_spread
from argosy_experiments.groups import CONTROL, GROUPS, TREATMENT, ratio_mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from argosy.data.datasets import Dataset

WHO = ["model", "version"]
VALUE = pl.col("value")
"""What came of a customer, as a number."""


class Outcome(NamedTuple):
    """The outcome of customers that a test compares."""

    column: str
    """Of the data."""
    sound: pl.Expr
    """Whether a `VALUE` is valid."""
    unsound: str
    """The reason why a model with an invalid value fails."""
    sums: Mapping[str, pl.Expr]
    """What is added up over the customers of a group, by name."""
    single: bool = False
    """Whether all rows of a customer must have one value; else the largest counts."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return "customer", "group", self.column


def counted(
    dataset: Dataset, outcome: Outcome, cluster: str | None = None, share: float = 0.5
) -> pl.DataFrame:
    """Add up what came of the customers of both groups, for each model of a dataset.

    Customers without a group are passed over, and those who were seen in both count in neither.

    Args:
        dataset: a row per customer, or several: `customer`, `group` and the outcome's column.
        outcome: which one is added up.
        cluster: the column whose customers hang together; None, or `customer`, where none do.
        share: of the customers that should be in treatment, by which groups are tested whose
            customers hang together.

    Returns:
        One row per model: `model`, `version`, the sums of either group (`control_n`, ...),
        `switched` (customers seen in both), `status` and `reason`; with a cluster also what
        `cluster_spread` tells, and the `ratio_p_value` of the groups.
    """
    models = dataset.models.select(WHO)
    cluster = None if cluster == "customer" else cluster
    columns = outcome.columns if cluster is None else (*outcome.columns, cluster)
    absent = [name for name in columns if name not in dataset.rows.columns]
    reason = dataset.reason
    if reason is None and absent:
        reason = f"the outcomes at {dataset.binding['url']} have no column {absent[0]!r}"
    if reason is not None:
        return models.with_columns(status=pl.lit("failed"), reason=pl.lit(reason))
    rows = dataset.rows.select(
        pl.col(MODEL).alias("model"),
        spelling(pl.col("customer", "group")),
        value=number(pl.col(outcome.column)),
        cluster=pl.lit("") if cluster is None else spelling(pl.col(cluster)),
    ).filter(pl.col("group").is_not_null())
    odd = rows.group_by("model").agg(
        nameless=pl.col("customer").null_count() > 0,
        strange=(~pl.col("group").is_in(GROUPS)).any(),
        unclear=(~outcome.sound).fill_null(True).any(),
        loose=pl.col("cluster").null_count() > 0,
    )
    people = (
        rows.group_by("model", "customer")
        .agg(
            pl.col("group").first(),
            groups=pl.col("group").n_unique(),
            value=VALUE.max(),
            values=VALUE.n_unique(),
            cluster=pl.col("cluster").first(),
            clusters=pl.col("cluster").n_unique(),
        )
        .sort("model", "customer")  # sums are added in this order, wherever chunks are cut
    )
    several = (pl.col("values") > 1).any() if outcome.single else pl.lit(False)
    sums = people.group_by("model").agg(
        *(_of(group, told, name) for name, told in outcome.sums.items() for group in GROUPS),
        switched=(pl.col("groups") > 1).sum().cast(pl.Int64),
        several=several,
        torn=(pl.col("clusters") > 1).any(),
    )
    found = models.join(sums, on="model", how="left").join(odd, on="model", how="left")
    why = (
        pl.when("nameless")
        .then(pl.lit("a customer has no name"))
        .when("strange")
        .then(pl.lit(f"a group is neither {CONTROL!r} nor {TREATMENT!r}"))
        .when("unclear")
        .then(pl.lit(outcome.unsound))
        .when("several")
        .then(pl.lit(f"a customer has several values of {outcome.column!r}; add them up"))
        .when("loose")
        .then(pl.lit("a customer has no cluster"))
        .when("torn")
        .then(pl.lit(f"a customer is in several clusters of {cluster!r}; name one that holds it"))
        .when(pl.col("switched").is_null())
        .then(pl.lit(f"no customer of the model has a group at {dataset.binding['url']}"))
    )
    told = found.select(
        *WHO,
        *(f"{group}_{name}" for group in GROUPS for name in outcome.sums),
        "switched",
        status=pl.when(why.is_null()).then(pl.lit("ok")).otherwise(pl.lit("failed")),
        reason=why,
    )
    return told if cluster is None else told.join(_together(people, share), on="model", how="left")


def _together(people: pl.DataFrame, share: float) -> pl.DataFrame:
    """Say of each model how much its customers hang together, and test the sizes of its groups."""
    sums = (
        people.filter(pl.col("groups") == 1, pl.col("cluster").is_not_null())
        .group_by("model", "group", "cluster")
        .agg(n=pl.len().cast(pl.Float64), total=total(VALUE))
    )
    sizes = ratio_mismatch(sums, {CONTROL: 1 - share, TREATMENT: share})
    return cluster_spread(sums.filter(pl.col("group").is_in(GROUPS))).join(
        sizes.select("model", ratio_p_value="p_value"), on="model", how="left"
    )


def _of(group: str, told: pl.Expr, name: str) -> pl.Expr:
    """Add up a value over the customers who were seen in one group only."""
    own = (pl.col("groups") == 1) & (pl.col("group") == group)
    return total(pl.when(own).then(told).otherwise(0.0)).alias(f"{group}_{name}")
