"""The 2 x K table of every row, numeric or categorical, for all that compares shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy_detectors.buckets import Buckets, heads, levels, merged, pooled_levels
from argosy_detectors.homogeneity import pearson
from argosy_detectors.shared import shared, taus
from argosy_detectors.sweep import swept

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_detectors.sweep import Sweep


class Counts(NamedTuple):
    """Counts of rows, and what tests of them have in common."""

    n: NDArray[np.float64]
    """Reference values of each row."""
    m: NDArray[np.float64]
    """Current values of each row."""
    buckets: Buckets
    """All buckets: between deciles of the reference, or one per category."""
    tested: Buckets
    """The same with thin ones pooled."""
    sparse: NDArray[np.bool_]
    """Rows that are too sparse for a chi-squared distribution, however they are pooled."""
    pearson: NDArray[np.float64]
    """Pearson's statistic of the pooled buckets."""
    tau: NDArray[np.float64]
    """How many rows count as one."""

    @property
    def weight(self) -> NDArray[np.float64]:
        """What a divergence of shares is multiplied with to be chi-squared, n m / (n + m) / tau."""
        return self.n * self.m / np.maximum(self.n + self.m, 1) / self.tau


@shared
def counted(table: pa.Table) -> Counts:
    """Count the rows of a table that fall in each bucket.

    Args:
        table: with the sorted lists `reference` and `current`, or with the lists `ref_counts`
            and `cur_counts`.

    Example:
        >>> import pyarrow as pa
        >>> found = counted(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> found.n.tolist(), found.pearson.round(3).tolist()
        ([1000.0], [21.978])
    """
    tau = taus(table)
    if "reference" in table.column_names:
        sweep = swept(table)
        n, m = sweep.n.astype(np.float64), sweep.m.astype(np.float64)
        buckets = deciles(sweep)
        tested = merged(buckets, heads(buckets, buckets.reference, tau))
        sparse = np.zeros(buckets.tables, bool)
    else:
        buckets = levels(table)
        n, m = buckets.total(buckets.reference), buckets.total(buckets.current)
        tested, sparse = pooled_levels(buckets, tau)
    return Counts(n, m, buckets, tested, sparse, pearson(tested), tau)


def deciles(sweep: Sweep) -> Buckets:
    """Count the rows of both sides between the deciles of the reference.

    An edge is a reference value: the j-th has j tenths of the sorted reference rows before it,
    so without ties the buckets are equally full. A bucket holds the rows from its edge up to
    the next. Edges at the reference's minimum are dropped, so no bucket is without reference
    rows.

    Returns:
        The counts; none where a side is empty.

    Example:
        >>> import pyarrow as pa
        >>> before, after = [0.0, 0.0, 0.0, 1.0, 1.0], [-9.0, 1.0, 2.0, 3.0]
        >>> both = deciles(swept(pa.table({"reference": [before], "current": [after]})))
        >>> both.reference.tolist(), both.current.tolist()
        ([3.0, 2.0], [1.0, 3.0])
    """
    n, m = sweep.n, sweep.m
    rows = np.flatnonzero((n > 0) & (m > 0))
    inside = _differences(sweep.before[rows], n[rows])
    filled = inside > 0
    return Buckets(
        np.repeat(rows, np.count_nonzero(filled, axis=1)),
        inside[filled],
        _differences(sweep.after[rows], m[rows])[filled],
        len(n),
    )


def _differences(ranks: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.diff(ranks, prepend=0, append=sizes[:, None], axis=1).astype(np.float64)
