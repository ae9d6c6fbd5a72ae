"""Whether test groups are as large as they should be where whole clusters were dealt together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import total
from argosy_experiments.clusters import CLUSTER, LEAST
from argosy_experiments.incoming import refuse_duplicates, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_ALIKE = 1e-12
"""A variance this small beside what it was before groups were taken out of it is rounding."""


def score_tested(counts: pl.DataFrame | pa.Table, shares: Mapping[str, float]) -> pl.DataFrame:
    """Test the groups by how much each cluster is off, whether it was dealt whole or not.

    Args:
        counts: one row per `model`, `group` and `cluster`: `n` customers.
        shares: of each group.

    Returns:
        One row per `model`: `n`, and `p_value`, null of fewer than 10 clusters.

    Raises:
        BadInput: if a column is missing, a customer has no cluster, or one stands twice.

    Source: Boos, "On generalized score tests", The American Statistician 46 (1992).

    Example:
        >>> counts = pl.DataFrame({"model": "m", "group": ["control"] * 9 + ["treatment"] * 3,
        ...                        "cluster": [f"c{i}" for i in range(12)], "n": 20})
        >>> score_tested(counts, {"control": 0.5, "treatment": 0.5})["p_value"].round(4).item()
        0.0833
    """
    from scipy.special import chdtrc

    kinds = {"model": pl.String, "group": pl.String, CLUSTER: pl.String, "n": pl.Float64}
    key = ["model", "group", CLUSTER]
    given = refuse_duplicates(validated(counts, kinds, "counts"), key, "counts")
    whole = sum(shares.values())
    size = pl.col("n").filter(pl.col("group").is_in([*shares])).sum()
    # What the last group is off by follows from the others.
    off = {f"off {place}": name for place, name in enumerate([*shares][:-1])}
    parts = (
        given.group_by("model", CLUSTER)
        .agg(
            size.alias("n"),
            *(
                (pl.col("n").filter(group=name).sum() - shares[name] / whole * size).alias(told)
                for told, name in off.items()
            ),
        )
        .sort("model", CLUSTER)
    )
    pairs = [(one, other) for one in off for other in off]
    found = parts.group_by("model", maintain_order=True).agg(
        pl.col("n").sum(),
        *(total(pl.col(name)).alias(name) for name in off),
        *(total(pl.col(one) * pl.col(other)).alias(f"{one} {other}") for one, other in pairs),
        clusters=pl.len(),
    )
    products = found.select(f"{one} {other}" for one, other in pairs).to_numpy()
    statistic = _squared(
        found.select([*off]).to_numpy(), products.reshape(found.height, len(off), len(off))
    )
    tail = pl.Series("p_value", chdtrc(len(off), statistic))
    enough = (pl.col("n") > 0) & (pl.col("clusters") >= LEAST)
    return found.select("model", "n", p_value=pl.when(enough).then(tail))


def _squared(away: Floats, products: Floats) -> Floats:
    """Return the squared length of vectors in units of their covariances, group after group.

    Args:
        away: shape (models, groups).
        products: shape (models, groups, groups).
    """
    away, products = away.copy(), products.copy()
    found = np.zeros(len(away))
    own = [products[:, place, place].copy() for place in range(away.shape[1])]
    for place, before in enumerate(own):
        left = products[:, place, place]
        there = left > _ALIKE * before
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where(there[:, None], products[:, :, place] / left[:, None], 0.0)
            found += np.where(there, away[:, place] ** 2 / left, 0.0)
        away -= factor * away[:, [place]]
        products -= factor[:, :, None] * products[:, [place], :]
    return found
