"""Control against treatment where customers hang together, by the sums over whole clusters.

It does not matter whether a cluster is in one group or its customers are in both. What the groups
differ by is a sum over clusters; so is its variance, however the customers of one depend on each
other. Evidence and intervals are those of the normal mixture in `means`, asymptotic as they are
there, with Student's t of one degree less than there are clusters in the place of the normal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.kernels import total
from argosy_experiments.clusters import CLUSTER
from argosy_experiments.groups import GROUPS, TREATMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

SPREAD: Sequence[str] = ("clusters", "even_clusters", "effect_error")
"""What is known of the clusters of a model, beside the sums over its groups."""


def cluster_spread(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the error of the difference of two means, from the sums of each cluster.

    Args:
        sums: one row per `model`, `group` and `cluster`: `n` customers, the `total` of their
            numbers.

    Returns:
        One row per model: `clusters`; `even_clusters`, how many even ones would say as much; and
        `effect_error`, null where there is one cluster or a group has nobody.

    Source: Liang and Zeger, Biometrika 73 (1986), with the factor G / (G - 1) of G clusters, for
    the error; Kish, "Survey Sampling", Wiley (1965), for the even clusters of a group, put together
    as the degrees of freedom of two variances are: Satterthwaite, Biometrics Bulletin 2 (1946).

    Example:
        >>> sums = pl.DataFrame({"model": "m", "group": ["control"] * 2 + ["treatment"] * 2,
        ...                      "cluster": [*"abcd"], "n": 10.0, "total": [1.0, 3.0, 4.0, 6.0]})
        >>> cluster_spread(sums).with_columns(pl.col("effect_error").round(4)).rows()
        [('m', 4, 4.0, 0.1155)]
    """
    ordered = sums.sort("model", CLUSTER, "group")
    n, value = pl.col("n"), pl.col("total")
    whole = ordered.group_by("model", "group").agg(
        own=total(n),
        mean=pl.when(total(n) > 0).then(total(value) / total(n)),
        even=total(n) ** 2 / total(n**2),
    )
    sign = pl.when(group=TREATMENT).then(1.0).otherwise(-1.0)
    parts = ordered.join(whole, on=["model", "group"], how="left", maintain_order="left")
    off = sign * (value - n * pl.col("mean")) / pl.col("own")
    of_cluster = parts.group_by("model", CLUSTER, maintain_order=True).agg(off=total(off))
    many, scarcity = pl.len(), 1 / pl.col("even")
    told = of_cluster.group_by("model", maintain_order=True).agg(
        clusters=many.cast(pl.Int64),
        effect_error=(total(pl.col("off") ** 2) * many / (many - 1)).sqrt(),
    )
    groups = (
        whole.filter(pl.col("own") > 0)
        .sort("model", "group")
        .group_by("model")
        .agg(groups=pl.len(), worth=total(scarcity) ** 2 / total(scarcity**3))
    )
    both = (pl.col("groups") == len(GROUPS)) & (pl.col("clusters") > 1)
    return (
        told.join(groups, on="model", how="left", maintain_order="left")
        .with_columns(
            pl.when(both).then("effect_error"),
            even_clusters=pl.min_horizontal(pl.col("clusters").cast(pl.Float64), "worth"),
        )
        .select("model", *SPREAD)
    )
