"""Rows of a categorical column in categories that its reference never had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.counts import counted
from argosy_detectors.monopoly import monopolies

if TYPE_CHECKING:
    import pyarrow as pa


def measure(table: pa.Table) -> pa.Table:
    """Count the current rows whose category no reference row has.

    Statistic and effect are their share of the current rows. The p-value bounds how often as
    many would be there if both sides were drawn from the same rows ("exchange"); it is exact for
    one new category among common ones, and 1 for identifiers, which are always new.

    Args:
        table: one row per model and column, with the lists `ref_counts` and `cur_counts`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Joag-Dev and Proschan, "Negative association of random variables", Annals of
    Statistics 11 (1983).

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[90, 0]], "cur_counts": [[80, 10]]}))
        >>> round(row["effect"][0].as_py(), 3), round(row["p_value"][0].as_py(), 5)
        (0.111, 0.00075)
    """
    counts = counted(table)
    buckets, n, m = counts.buckets, counts.n, counts.m
    new = buckets.total(np.where(buckets.reference == 0, buckets.current, 0))
    ends = np.cumsum(buckets.sizes())
    p_value = monopolies(buckets.reference + buckets.current, ends, new, m, n)
    share = new / np.maximum(m, 1)
    return answer(n, m, "values", share, share, p_value, ["exchange"])


DETECTOR = Detector(
    name="unseen",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.01,
    effect="share of rows in unseen categories",
)
