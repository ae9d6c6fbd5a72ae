"""Keep sampled rows in an order in which those that depend on each other are neighbours.

Detectors that see columns jointly take such rows in contiguous blocks. Of rows that stand in the
order of time, tau of which count as one, a share s is drawn; then 1 + (tau - 1) s of the drawn ones
count as one at most, if rows are the less alike the further they are apart. Twice as many make a
block, which spans at least 2 tau of all rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_drift.dependence.row_order import RowOrder
from argosy_drift.worth import BLOCK, NEARLY

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TIMES = 2.0
"""How many times tau a block is long."""


def in_turn(order: RowOrder) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return rows in the order of time, those of a cluster together.

    Clusters stand by their first row. Where some overlap in time, as customers do who come again
    and again, no order has both what hangs together by time and what does by cluster as neighbours.

    Args:
        order: that of the rows of many lists.

    Returns:
        Where in its list each row stands, list after list (none: they stand so); and of each list
        whether neighbours are what hangs together. Where clusters overlap in time, its rows are in
        the order of time.

    Example:
        >>> from argosy_drift.dependence.row_order import RowOrder
        >>> times, clusters = np.array([2, 1, 3, 1, 2, 3]), np.array([0, 1, 0, 0, 1, 0])
        >>> rows, together = in_turn(RowOrder.of(np.array([3, 3]), times, clusters=clusters))
        >>> rows.tolist(), together.tolist()
        ([1, 0, 2, 0, 1, 2], [True, False])
    """
    together = np.ones(len(order.lengths), np.bool_)
    if not len(order.clusters):
        return order.places, together
    owner = np.repeat(np.arange(len(together)), order.lengths)
    first = np.repeat(np.cumsum(order.lengths) - order.lengths, order.lengths)
    within = (np.arange(len(owner)) - first).astype(np.int32)
    rows = order.places if len(order.places) else within
    by_cluster = np.lexsort((order.clusters, owner))
    if order.timed:
        time = (order.units if len(order.units) else within)[by_cluster]
        back = (np.diff(time) < 0) & (np.diff(owner) == 0)
        together[owner[1:][back]] = False
    return np.where(together[owner], rows[by_cluster], rows), together


def uncut(order: RowOrder) -> RowOrder:
    """Return the order in which rows stand as `in_turn` says, `units` being what stays whole.

    That is the rows of a time, or of a cluster; or all rows of a list whose clusters overlap in
    time, of which no stretch has what hangs together.

    Args:
        order: that of the rows of many lists.

    Example:
        >>> times, clusters = np.array([2, 1, 3, 1, 2, 3]), np.array([0, 1, 0, 0, 1, 0])
        >>> found = uncut(RowOrder.of(np.array([3, 3]), times, clusters=clusters))
        >>> found.places.tolist(), found.units.tolist()
        ([1, 0, 2, 0, 1, 2], [0, 1, 1, 0, 0, 0])
    """
    rows, together = in_turn(order)
    units, none = order.units, np.zeros(0, np.int32)
    if len(order.clusters):
        owner = np.repeat(np.arange(len(together)), order.lengths)
        first = np.repeat(np.cumsum(order.lengths) - order.lengths, order.lengths)
        cluster = order.clusters.copy()
        if len(order.places):  # by place in the list, not by time
            cluster[first + order.places] = order.clusters
        units = np.where(together[owner], cluster[first + rows], 0).astype(np.int32)
    return RowOrder(order.lengths, rows.astype(np.int32), units, none, none, order.timed)


def with_blocks(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add `block_ref` and `block_cur`: how many rows of each side's sample make a block.

    Args:
        pairs: `tau`, null where rows are taken for independent; and `share_ref` and `share_cur`:
            which share of the rows was drawn, null where their order does not keep together what
            depends on each other.

    Returns:
        The pairs. A block is of one row where rows are as good as independent, and where no longer
        ones can be cut because a share is null.

    Example:
        >>> rows = {"tau": [19.0, 19.0, 1.1], "share_ref": [0.01, None, 1.0]}
        >>> pairs = pl.DataFrame(rows).with_columns(share_cur=1.0)
        >>> with_blocks(pairs).select("block_ref", "block_cur").rows()
        [(3, 38), (1, 1), (1, 1)]
    """
    cut = (pl.col("tau") > NEARLY) & pl.all_horizontal(
        pl.col("share_ref", "share_cur").is_not_null()
    )

    def long(share: str) -> pl.Expr:
        rows = _TIMES * (1 + (pl.col("tau") - 1) * pl.col(share))
        return pl.when(cut).then(rows.ceil().cast(pl.Int64)).otherwise(pl.lit(1, pl.Int64))

    return pairs.with_columns(long("share_ref").alias(BLOCK), long("share_cur").alias("block_cur"))
