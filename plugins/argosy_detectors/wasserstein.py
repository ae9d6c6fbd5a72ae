"""Wasserstein distance of a numeric column, in standard deviations of its reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.brownian_bridge import upper_tail
from argosy_detectors.shared import taus
from argosy_detectors.sweep import swept

if TYPE_CHECKING:
    import pyarrow as pa


def measure(table: pa.Table) -> pa.Table:
    """Compare how far values moved with how far they lie apart.

    Statistic and effect are the area between the two empirical distribution functions, divided
    by the population standard deviation of the reference. The distribution of that area depends
    on the column's, and has no usable limit where tails are heavy. The p-value is therefore that
    of the same area once every value is replaced by its rank among both sides ("rank area"):
    whatever the column's distribution, it is that of the area under a Brownian bridge. Where
    values are tied, the path between them is straight and the p-value errs on the quiet side.
    Where rows depend on each other, it is that for a `tau`-th of them.

    Args:
        table: one row per model and column, with the sorted lists `reference` and `current`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values, where one is infinite, and where a column moved whose reference is
        constant: there is nothing to measure it by.

    Source: Schmid and Trede, "A distribution free test for the two sample problem for general
    alternatives", Computational Statistics & Data Analysis 20 (1995).

    Example:
        >>> import pyarrow as pa
        >>> before, after = [0.0, 1.0, 2.0, 3.0], [2.5, 3.0, 4.0, 5.0]
        >>> row = measure(pa.table({"reference": [before], "current": [after]}))
        >>> round(row["effect"][0].as_py(), 4), round(row["p_value"][0].as_py(), 4)
        (1.9007, 0.0534)
    """
    sweep = swept(table)
    n, m = sweep.n, sweep.m
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        distance = sweep.area / sweep.spread
    same = sweep.gap == 0
    distance[same] = 0.0
    weight = n * m / np.maximum(n + m, 1) / taus(table)
    p_value = upper_tail(np.sqrt(weight) * sweep.rank_area)
    excluded = [
        (~same & ~np.isfinite(sweep.area), "infinite values are infinitely far apart"),
        (~np.isfinite(distance), "the reference does not vary, so nothing measures the distance"),
    ]
    methods = ["rank area"]
    return answer(n, m, "values", distance, distance, p_value, methods, excluded=excluded)


DETECTOR = Detector(
    name="wasserstein",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=0.1,
    effect="Wasserstein distance in standard deviations",
    weight=64.0,
    dependence="scale",
)
