"""Jensen-Shannon distance of a numeric or categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.counts import counted
from argosy_detectors.homogeneity import divergence, p_values

if TYPE_CHECKING:
    import pyarrow as pa

METHODS = ["chi2", "pearson", "exact"]
# Rows added to every count before the p-value, for its sake: without them 1.4 times as many clean
# rows fall below 0.05 as should, with half a row 0.65 times as many (300 and 60 rows, 10 buckets).
MORE = 0.25


def measure(table: pa.Table) -> pa.Table:
    """Compare the shares of rows that fall in each of a column's buckets.

    Statistic and effect are the distance to base 2, the root of the divergence: 0 for equal
    shares, 1 for sides that share no bucket. Buckets are those of `psi`: ten between the
    reference's deciles, or one per category.

    The p-value is computed after pooling thin buckets (`argosy_detectors.buckets`) and adding a
    quarter of a row to each: the divergence in nats times 8 n m / (n + m) has a chi-squared limit
    ("chi2"). Below 0.01, if Pearson's statistic of the same buckets has the larger p-value, that
    one stands ("pearson"). Categories that pool into one get Fisher's exact test of the most
    common against the rest ("exact"). Where rows depend on each other, statistics are divided by
    `tau`.

    Args:
        table: one row per model and column, with the sorted lists `reference` and `current`, or
            with the lists `ref_counts` and `cur_counts`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on
    Information Theory 37 (1991).

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 4), round(row["p_value"][0].as_py(), 7)
        (0.0891, 2.8e-06)
    """
    counts = counted(table)
    # a sum over very many categories may end a little above one
    distance = np.sqrt(np.minimum(divergence(counts.buckets) / np.log(2), 1.0))
    chi2 = divergence(counts.tested, MORE) * 8 * counts.weight
    p_value, method = p_values(
        chi2, counts.pearson / counts.tau, counts.tested, counts.sparse, counts.tau
    )
    return answer(counts.n, counts.m, "values", distance, distance, p_value, METHODS, method)


DETECTOR = Detector(
    name="jensen_shannon",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="Jensen-Shannon distance",
    dependence="scale",
)
