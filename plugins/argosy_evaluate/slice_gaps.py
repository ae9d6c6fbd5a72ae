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
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels import compiled
from argosy.kernels.multiplicity import adjusted as within
from argosy_scoring.slices import ALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SHARE, GROUP = "argosy_weight", "argosy_group"
"""The weight of a group's rows, added up; and the number of the group that a slice is of."""


def with_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `gap` and `p_value` to rows of slices; those of all rows have none.

    Args:
        rows: of every slice and of all rows, as `measured` returns them, with `argosy_weight` and
            `argosy_group`.
    """
    names = pl.Enum(rows["metric"].unique(maintain_order=True))
    metric = rows["metric"].cast(names).to_physical().to_numpy().astype(np.int64)
    place = rows[GROUP].to_numpy().astype(np.int64) * len(names.categories) + metric
    part = (rows["slice"] != ALL).to_numpy()
    value, error, weight = (rows[name].to_numpy() for name in ("value", "error", SHARE))
    base, base_error, total = (_of_all(column, place, part) for column in (value, error, weight))
    with np.errstate(all="ignore"):
        share = weight / total
        rest = np.where(part & (share < 1), 1 - share, np.nan)
        gap = (value - base) / rest
        spread = np.sqrt((1 - 2 * share) * error**2 + base_error**2) / rest
        score = np.abs(gap / np.where(spread > 0, spread, np.nan)) / sqrt(2)
    p = _tails(score)
    return rows.with_columns(gap=pl.Series(gap).fill_nan(None), p_value=pl.Series(p).fill_nan(None))


@compiled
def _tails(scores: Floats) -> Floats:
    """Return the complementary error function of each number."""
    tails = np.empty(len(scores))
    for place in range(len(scores)):
        tails[place] = erfc(scores[place])
    return tails


def _of_all(column: Floats, place: Ints, part: Flags) -> Floats:
    """Give each row the number of all rows of its group."""
    found = np.full(int(place.max(initial=-1)) + 1, np.nan)
    found[place[~part]] = column[~part]
    return found[place]


def adjusted(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `q_value`: the p-values of each metric, adjusted over slices and models.

    Example:
        >>> rows = pl.DataFrame({"metric": ["auc"] * 3, "p_value": [0.01, 0.04, None]})
        >>> adjusted(rows)["q_value"].to_list()
        [0.02, 0.04, None]
    """
    if not rows["p_value"].is_not_null().any():
        return rows.with_columns(q_value=pl.lit(None, pl.Float64))
    p = rows["p_value"].to_numpy()
    q, known = np.full(len(p), np.nan), rows["p_value"].is_not_null().to_numpy()
    names = pl.Enum(rows["metric"].drop_nulls().unique())
    metric = rows["metric"].cast(names).to_physical().fill_null(0).to_numpy()
    q[known] = within(p[known], metric[known].astype(np.int64))
    return rows.with_columns(q_value=pl.Series(q).fill_nan(None))
