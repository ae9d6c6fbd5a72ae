"""By how much slices differ from the other rows of their model, and whether that is chance.

The gap is the value of the slice less that of the other rows, measured on these: for any metric
but one that counts rows. Its 95 % interval is put together from those of the two values (Zou and
Donner: for shares that is Newcombe's), so it keeps to what the bounds allow.

Whether it is chance: `gap_tests`. The p-values of all metrics, of all slices of all models of a
run, are one family, adjusted together: Benjamini and Hochberg, "Controlling the false discovery
rate", JRSS B (1995).

Source: Zou and Donner, "Construction of confidence limits about effect measures: a general
approach", Statistics in Medicine 27 (2008); Newcombe, Statistics in Medicine 17 (1998).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.multiplicity import adjusted as within
from argosy_evaluate.gap_tests import tested
from argosy_evaluate.pairs import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy.types import Metric
    from argosy_evaluate.gap_tests import Tested
    from argosy_evaluate.pairs import Pairs

    Floats = NDArray[np.float64]

GROUP = "argosy_group"
"""The number of the group that a slice is of."""
NUMBERS = ("value", "error", "lower", "upper")


def with_gaps(
    slices: pl.DataFrame,
    others: pl.DataFrame,
    pairs: Pairs,
    metrics: Sequence[Metric],
    base: Floats,
) -> pl.DataFrame:
    """Add `gap`, `gap_lower`, `gap_upper`, `p_value` and `gap_reason` to rows of slices.

    Args:
        slices: a row per metric and slice, metric by metric in the order of `metrics`, as
            `measured` returns them.
        others: the same of the rows beside each slice.
        pairs: the rows of both.
        metrics: what was measured.
        base: the standard error of all rows of a slice's group, shape (metrics, slices).
    """
    shape = len(metrics), len(pairs.owner)
    own, rest = (
        Side(*(side[name].cast(pl.Float64).to_numpy().reshape(shape) for name in NUMBERS))
        for side in (slices, others)
    )
    counts = np.array([metric.counted for metric in metrics])[:, None]
    with np.errstate(invalid="ignore"):
        gap = np.where(counts, np.nan, own.value - rest.value)
    told = tested(own, rest, gap, base, pairs, metrics)
    lower, upper = _interval(own, rest, gap, told, metrics)
    absent = pl.DataFrame([others["reason"].alias("absent"), told.reason.alias("told")])
    lacking = ~counts & ~np.isnan(own.value) & np.isnan(rest.value)
    reason = absent.select(
        pl.when(pl.lit(pl.Series(lacking.ravel())))
        .then(pl.format("the other rows have no value: {}", "absent"))
        .otherwise("told")
        .alias("gap_reason")
    ).to_series()
    numbers = {"gap": gap, "gap_lower": lower, "gap_upper": upper, "p_value": told.p_value}
    columns = [pl.Series(name, each.ravel()).fill_nan(None) for name, each in numbers.items()]
    return slices.with_columns(*columns, reason)


def _interval(
    own: Side, rest: Side, gap: Floats, told: Tested, metrics: Sequence[Metric]
) -> tuple[Floats, Floats]:
    """Put the intervals of two values together; else take the spread of permuted gaps."""
    with np.errstate(invalid="ignore"):
        down = np.hypot(own.value - own.lower, rest.upper - rest.value)
        up = np.hypot(own.upper - own.value, rest.value - rest.lower)
        drawn = 1.959963984540054 * told.spread
        lower, upper = (
            gap - np.where(np.isnan(down), drawn, down),
            gap + np.where(np.isnan(up), drawn, up),
        )
        most = np.array([metric.bounds[1] - metric.bounds[0] for metric in metrics])[:, None]
        lower, upper = np.clip(lower, -most, gap), np.clip(upper, gap, most)
    none = np.isnan(lower) | np.isnan(upper)
    return np.where(none, np.nan, lower), np.where(none, np.nan, upper)


def adjusted(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `q_value`: all p-values, adjusted over slices, metrics and models.

    Example:
        >>> rows = pl.DataFrame({"p_value": [0.01, 0.04, None]})
        >>> adjusted(rows)["q_value"].to_list()
        [0.02, 0.04, None]
    """
    if not rows["p_value"].is_not_null().any():
        return rows.with_columns(q_value=pl.lit(None, pl.Float64))
    p = rows["p_value"].to_numpy()
    q, known = np.full(len(p), np.nan), rows["p_value"].is_not_null().to_numpy()
    q[known] = within(p[known], np.zeros(np.count_nonzero(known), np.int64))
    return rows.with_columns(q_value=pl.Series(q).fill_nan(None))
