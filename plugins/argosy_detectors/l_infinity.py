"""Largest change of the share of any one category."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.counts import counted
from argosy_detectors.deviation import largest_deviations

if TYPE_CHECKING:
    import pyarrow as pa


def measure(table: pa.Table) -> pa.Table:
    """Compare the shares of each category, and report the one that changed most.

    Statistic and effect are the largest absolute difference of a category's shares (0 to 1). The
    p-value adds the exact hypergeometric probabilities that each category deviates so far
    ("union"): no approximation, at any sample size, and never too small. Where rows depend on
    each other, counts are divided by `tau` first.

    Args:
        table: one row per model and column, with the lists `ref_counts` and `cur_counts`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Boole's inequality over Fisher's hypergeometric distribution, "The logic of inductive
    inference", Journal of the Royal Statistical Society 98 (1935).

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 3), round(row["p_value"][0].as_py(), 7)
        (0.1, 3.4e-06)
    """
    counts = counted(table)
    buckets, n, m = counts.buckets, counts.n, counts.m
    ends = np.cumsum(buckets.sizes())
    distance, p_value = largest_deviations(buckets.reference, buckets.current, ends, n, m)
    slow = counts.tau > 1
    if slow.any():
        tau = counts.tau[buckets.owner]
        before, after = np.rint(buckets.reference / tau), np.rint(buckets.current / tau)
        totals = buckets.total(before), buckets.total(after)
        _, fewer = largest_deviations(before, after, ends, *totals)
        p_value = np.where(slow, fewer, p_value)
    return answer(n, m, "values", distance, distance, p_value, ["union"])


DETECTOR = Detector(
    name="l_infinity",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.1,
    effect="largest change of a share",
    dependence="rate",
)
