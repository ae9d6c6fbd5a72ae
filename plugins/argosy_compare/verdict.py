"""Decide over the whole fleet which challengers are better, so that luck seldom promotes any.

Compare a thousand challengers, and fifty differ at p < 0.05 although none does.
The tests of one comparison and metric are one family, over all models and all their challengers;
Benjamini-Hochberg (1995) gives `q_value`. Where it is below the level, the sign of the effect
says whether the challenger is better or worse: of those called either, the share that are not is
below the level on average (Benjamini and Yekutieli 2005, directional errors).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from argosy.kernels.multiplicity import adjusted

LEVEL = 0.05
"""The tolerated share, on average, of false differences among those that are reported."""
VERDICTS = ("better", "worse", "no difference", "undecidable")

_FAMILY = ("comparison", "metric")


def decide(rows: pl.DataFrame, level: float = LEVEL) -> pl.DataFrame:
    """Fill in `q_value` and `verdict`.

    Args:
        rows: one per test: `comparison`, `metric`, `effect` and `p_value`, null where there is
            no test, which is undecidable.
        level: the tolerated share of false differences.

    Example:
        >>> rows = pl.DataFrame({
        ...     "comparison": ["delong"] * 4, "metric": ["auc"] * 4,
        ...     "effect": [0.1, -0.1, 0.01, None], "p_value": [0.001, 0.02, 0.4, None],
        ... })
        >>> decide(rows)["verdict"].to_list()
        ['better', 'worse', 'no difference', 'undecidable']
    """
    tested = pl.col("p_value").is_not_null()
    ranked = rows.drop("q_value", "verdict", strict=False).with_row_index("argosy_row")
    tests = ranked.filter(tested).with_columns(family=pl.struct(_FAMILY).rank("dense"))
    family = tests["family"].to_numpy().astype(np.int64)
    q_values = tests.select(
        "argosy_row", q_value=pl.Series(adjusted(tests["p_value"].to_numpy(), family))
    )
    rows = ranked.join(q_values, on="argosy_row", how="left", maintain_order="left")
    sure = pl.col("q_value") < level
    verdict = (
        pl.when(pl.col("q_value").is_null())
        .then(pl.lit("undecidable"))
        .when(sure & (pl.col("effect") > 0))
        .then(pl.lit("better"))
        .when(sure & (pl.col("effect") < 0))
        .then(pl.lit("worse"))
        .otherwise(pl.lit("no difference"))
    )
    return rows.drop("argosy_row").with_columns(verdict=verdict)


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Count the verdicts of every comparison and metric.

    Example:
        >>> rows = pl.DataFrame({"comparison": ["delong"] * 2, "metric": ["auc"] * 2,
        ...                      "verdict": ["better", "no difference"]})
        >>> counted(rows).row(0, named=True)
        {'comparison': 'delong', 'metric': 'auc', 'better': 1, 'worse': 0, 'no difference': 1,
         'undecidable': 0}
    """
    tested = rows.filter(pl.col("comparison").is_not_null())
    return (
        tested.group_by(_FAMILY)
        .agg((pl.col("verdict") == verdict).sum().alias(verdict) for verdict in VERDICTS)
        .sort(_FAMILY)
    )
