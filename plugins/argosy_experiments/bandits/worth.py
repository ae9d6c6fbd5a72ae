"""How many plays of their own an arm's plays are worth, where those of a cluster hang together.

A posterior that takes the hundred plays of one customer for a hundred customers is sure of an arm
long before it may be, and shares out traffic accordingly. Rates are left as they are here; what is
counted down is how much is known of them, by the design effect of the clusters.
"""

from __future__ import annotations

import polars as pl

from argosy.kernels import total
from argosy_experiments.clusters import CLUSTER, LEAST


def worth(rows: pl.DataFrame) -> pl.DataFrame:
    """Add up the clusters of each arm, and say how many plays its plays are worth.

    The correlation within clusters is estimated from all arms of a model together. Where a model
    has fewer than 10 clusters it is unknown, and each counts as one play, or less if they are of
    unequal size.

    Args:
        rows: one per `model`, `arm` and `cluster`: `plays`, of which `wins`.

    Returns:
        One row per `model` and `arm`: `plays`, `wins`, `clusters` (that played it), and `worth`
        (at most `plays`).

    Source: Kish, "Survey Sampling", Wiley (1965), chapter 5.4, for the design effect of clusters;
    Rao and Scott, Biometrics 48 (1992), for counts that are divided by it.

    Example:
        >>> rows = pl.DataFrame({"model": "m", "arm": "a", "cluster": [f"c{i}" for i in range(20)],
        ...                      "plays": 10.0, "wins": [0.0, 10.0] * 10})
        >>> worth(rows).rows()
        [('m', 'a', 200.0, 100.0, 20, 20.0)]
    """
    key = ["model", "arm"]
    played = rows.sort(*key, CLUSTER)
    sums = played.group_by(key, maintain_order=True).agg(
        total(pl.col("plays")).alias("all_plays"), total(pl.col("wins")).alias("all_wins")
    )
    joined = played.join(sums, on=key, how="left", maintain_order="left")
    plays, rate = pl.col("plays"), pl.col("all_wins") / pl.col("all_plays")
    there = (plays > 0).sum()
    arms = joined.group_by(key, maintain_order=True).agg(
        pl.col("all_plays").first().alias("plays"),
        pl.col("all_wins").first().alias("wins"),
        clusters=there.cast(pl.Int64),
        size=pl.when(there > 0).then(total(plays**2) / pl.col("all_plays").first()).otherwise(1.0),
        seen=pl.when(there > 1).then(
            total((pl.col("wins") - rate * plays) ** 2) * there / (there - 1)
        ),
        due=pl.when(there > 1).then((pl.col("all_plays") * rate * (1 - rate)).first()),
    )
    many = played.filter(plays > 0).group_by("model").agg(many=pl.col(CLUSTER).n_unique())
    known = arms.filter(pl.col("seen").is_not_null())
    effect = total(pl.col("seen")) / total(pl.col("due"))
    common = total(pl.col("size") * plays) / total(plays)
    models = known.group_by("model", maintain_order=True).agg(
        correlation=pl.when((total(pl.col("due")) > 0) & (common > 1)).then(
            ((effect - 1) / (common - 1)).clip(0.0, 1.0)
        )
    )
    correlation = pl.when(pl.col("many") >= LEAST).then("correlation").fill_null(1.0)
    return (
        arms.join(models, on="model", how="left", maintain_order="left")
        .join(many, on="model", how="left", maintain_order="left")
        .select(
            *key,
            "plays",
            "wins",
            "clusters",
            worth=plays / (1 + (pl.col("size") - 1) * correlation),
        )
    )
