"""Population stability index of a numeric or categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.buckets import Buckets, heads, levels, merged, pooled_levels
from argosy_detectors.homogeneity import p_values, pearson, stability
from argosy_detectors.ragged import Ragged, below, ragged

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

DECILES = 10
METHODS = ["chi2", "pearson", "exact"]


def measure(table: pa.Table) -> pa.Table:
    """Compare the shares of rows that fall in each of a column's buckets.

    Statistic and effect are the index in nats, half a row added to every count. A numeric
    column has ten buckets between its reference's deciles, fewer where deciles coincide; a
    categorical one has a bucket per category.

    The p-value is computed after pooling thin buckets (`argosy_detectors.buckets`): the index
    times n m / (n + m) has a chi-squared limit ("chi2"). Below 0.01, if Pearson's statistic of
    the same buckets has the larger p-value, that one stands ("pearson"). Categories that pool
    into one get Fisher's exact test of the most common against the rest ("exact").

    Args:
        table: one row per model and column, with the sorted lists `reference` and `current`, or
            with the lists `ref_counts` and `cur_counts`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Yurdakul and Naranjo, "Statistical properties of the population stability index",
    Journal of Risk Model Validation 14 (2020).

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 4), round(row["p_value"][0].as_py(), 7)
        (0.0441, 2.8e-06)
    """
    if "reference" in table.column_names:
        reference, current = ragged(table["reference"]), ragged(table["current"])
        n, m = reference.lengths.astype(np.float64), current.lengths.astype(np.float64)
        buckets = deciles(reference, current)
        tested = merged(buckets, heads(buckets, buckets.reference))
        sparse = np.zeros(buckets.tables, bool)
    else:
        buckets = levels(table)
        n, m = buckets.total(buckets.reference), buckets.total(buckets.current)
        tested, sparse = pooled_levels(buckets)
    index = stability(buckets)
    chi2 = stability(tested) * n * m / np.maximum(n + m, 1)
    p_value, method = p_values(chi2, pearson(tested), tested, sparse)
    return answer(n, m, "values", index, index, p_value, METHODS, method)


def deciles(reference: Ragged, current: Ragged) -> Buckets:
    """Count the rows of both sides between the deciles of the reference.

    An edge is a reference value: the j-th has j tenths of the sorted reference rows before it,
    so without ties the buckets are equally full. A bucket holds the rows from its edge up to
    the next. Edges at the reference's minimum are dropped, so no bucket is without reference
    rows.

    Args:
        reference: sorted lists.
        current: sorted lists, as many.

    Returns:
        The counts; none where a side is empty.

    Example:
        >>> before, after = np.array([0.0, 0, 0, 1, 1]), np.array([-9.0, 1, 2, 3])
        >>> start = np.zeros(1, int)
        >>> both = deciles(
        ...     Ragged(before, start, np.array([5])), Ragged(after, start, np.array([4]))
        ... )
        >>> both.reference.tolist(), both.current.tolist()
        ([3.0, 2.0], [1.0, 3.0])
    """
    n, m = reference.lengths, current.lengths
    rows = np.flatnonzero((n > 0) & (m > 0))
    starts, sizes = reference.starts[rows], n[rows]
    ranks = sizes[:, None] * np.arange(1, DECILES) // DECILES
    edges = reference.values[starts[:, None] + ranks]
    before = below(reference.values, starts, sizes, edges)
    after = below(current.values, current.starts[rows], m[rows], edges)
    # Nothing of the reference lies before such an edge, so nothing is to be counted there.
    after[before == 0] = 0
    inside = _differences(before, sizes)
    filled = inside > 0
    return Buckets(
        np.repeat(rows, filled.sum(1)),
        inside[filled],
        _differences(after, m[rows])[filled],
        len(n),
    )


def _differences(ranks: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.diff(ranks, prepend=0, append=sizes[:, None], axis=1).astype(np.float64)


DETECTOR = Detector(
    name="psi",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="PSI",
)
