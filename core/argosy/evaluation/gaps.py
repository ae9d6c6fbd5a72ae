"""By how much slices differ from the other rows of their model, and whether that is chance.

With a share w of the weight in a slice, the value v of the slice and b of all rows, the value of
the other rows is (b - w v) / (1 - w), so the gap to them is (v - b) / (1 - w). That is exact for
averages, and to first order for whatever is nearly linear in its rows. The slice and the other
rows are independent, hence var(b) = w^2 var(v) + (1 - w)^2 var(rest), and the variance of the gap
is ((1 - 2 w) var(v) + var(b)) / (1 - w)^2. Its quotient with the gap is compared with the normal
distribution, on both sides. The p-values of one metric, of all slices of all models of a run, are
adjusted together: Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B (1995).
"""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
import polars as pl

from argosy.evaluation.slices import ALL

SHARE, GROUP = "argosy_weight", "argosy_group"
"""The weight of a group's rows, added up; and the number of the group that a slice is of."""
_OF = [GROUP, "metric"]
_ERFC = np.frompyfunc(erfc, 1, 1)


def with_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `gap` and `p_value` to rows of slices; those of all rows have none.

    Args:
        rows: of every slice and of all rows, as `measured` returns them, with `argosy_weight` and
            `argosy_group`.
    """
    whole = rows.filter(pl.col("slice") == ALL).select(
        *_OF, base="value", base_error="error", total=SHARE
    )
    joined = rows.join(whole, on=_OF, how="left", maintain_order="left")
    part = pl.col("slice") != ALL
    share = pl.col(SHARE) / pl.col("total")
    rest = pl.when(part & (share < 1)).then(1 - share)
    spread = ((1 - 2 * share) * pl.col("error") ** 2 + pl.col("base_error") ** 2).sqrt() / rest
    found = joined.with_columns(
        gap=(pl.col("value") - pl.col("base")) / rest,
        spread=pl.when(spread > 0).then(spread),
    )
    score = found.select((pl.col("gap") / pl.col("spread")).abs() / sqrt(2)).to_series()
    p = pl.Series(_ERFC(score.to_numpy()).astype(np.float64)).fill_nan(None)
    return found.with_columns(p_value=p).drop("base", "base_error", "total", "spread")


def adjusted(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `q_value`: the p-values of each metric, adjusted over slices and models.

    Example:
        >>> rows = pl.DataFrame({"metric": ["auc"] * 3, "p_value": [0.01, 0.04, None]})
        >>> adjusted(rows)["q_value"].to_list()
        [0.02, 0.04, None]
    """
    if not rows["p_value"].is_not_null().any():
        return rows.with_columns(q_value=pl.lit(None, pl.Float64))
    parts = []
    for part in rows.with_row_index("argosy_row").partition_by("metric", maintain_order=True):
        known = part["p_value"].is_not_null()
        q = np.full(part.height, np.nan)
        q[known.to_numpy()] = _benjamini_hochberg(part["p_value"].drop_nulls().to_numpy())
        parts.append(part.with_columns(q_value=pl.Series(q).fill_nan(None)))
    return pl.concat(parts).sort("argosy_row").drop("argosy_row")


def _benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return q
