"""Rows in categories that only one side of a categorical column has.

Two detectors: `unseen` counts current rows whose category the reference never had, `vanished`
reference rows whose category is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.category_share_null import tail_bound
from argosy_detectors.counts import counted

if TYPE_CHECKING:
    import pyarrow as pa


def unseen(table: pa.Table) -> pa.Table:
    """Count the current rows whose category no reference row has.

    Statistic and effect are their share of the current rows. The p-value bounds how often as
    many would be there if both sides were drawn from the same rows ("exchange"); it is exact for
    one new category among common ones, and 1 for identifiers, which are always new. Where rows
    depend on each other, there are `tau` times fewer of each kind.

    Args:
        table: one row per model and column, with the lists `ref_counts` and `cur_counts`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Joag-Dev and Proschan, "Negative association of random variables", Annals of
    Statistics 11 (1983).

    Example:
        >>> import pyarrow as pa
        >>> row = unseen(pa.table({"ref_counts": [[90, 0]], "cur_counts": [[80, 10]]}))
        >>> round(row["effect"][0].as_py(), 3), round(row["p_value"][0].as_py(), 5)
        (0.111, 0.00075)
    """
    return _measured(table, of_current=True)


def vanished(table: pa.Table) -> pa.Table:
    """Count the reference rows whose category no current row has.

    As `unseen`, with the sides exchanged: the p-value is exact for one lost category among common
    ones, and 1 for identifiers, which never return.

    Example:
        >>> import pyarrow as pa
        >>> row = vanished(pa.table({"ref_counts": [[80, 10]], "cur_counts": [[90, 0]]}))
        >>> round(row["effect"][0].as_py(), 3), round(row["p_value"][0].as_py(), 5)
        (0.111, 0.00075)
    """
    return _measured(table, of_current=False)


def _measured(table: pa.Table, *, of_current: bool) -> pa.Table:
    counts = counted(table)
    buckets, n, m = counts.buckets, counts.n, counts.m
    sides = [(buckets.reference, n), (buckets.current, m)]
    (other_counts, other), (own_counts, own) = sides if of_current else sides[::-1]
    alone = buckets.total(np.where(other_counts == 0, own_counts, 0))
    ends = np.cumsum(buckets.sizes())
    totals, tau = buckets.reference + buckets.current, counts.tau
    p_value = tail_bound(totals / tau[buckets.owner], ends, alone / tau, own / tau, other / tau)
    share = alone / np.maximum(own, 1)
    return answer(n, m, "values", share, share, p_value, ["exchange"])


UNSEEN = Detector(
    name="unseen",
    kinds=frozenset({"categorical"}),
    measure=unseen,
    floor=0.01,
    effect="share of rows in unseen categories",
    dependence="rate",
)
VANISHED = Detector(
    name="vanished",
    kinds=frozenset({"categorical"}),
    measure=vanished,
    floor=0.05,
    effect="share of rows in vanished categories",
    dependence="rate",
)
