"""Population stability index of a numeric or categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.counts import counted
from argosy_detectors.homogeneity import p_values, stability

if TYPE_CHECKING:
    import pyarrow as pa

METHODS = ["chi2", "pearson", "exact"]


def measure(table: pa.Table) -> pa.Table:
    """Compare the shares of rows that fall in each of a column's buckets.

    Statistic and effect are the index in nats, half a row added to every count. A numeric
    column has ten buckets between its reference's deciles, fewer where deciles coincide; a
    categorical one has a bucket per category.

    The p-value is computed after pooling thin buckets (`argosy_detectors.buckets`): the index
    times n m / (n + m) has a chi-squared limit ("chi2"). Below 0.01, if Pearson's statistic of
    the same buckets has the larger p-value, that one stands ("pearson"). Categories that pool
    into one get Fisher's exact test of the most common against the rest ("exact"). Where rows
    depend on each other, statistics are divided by `tau`.

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
    counts = counted(table)
    index = stability(counts.buckets)
    chi2 = stability(counts.tested) * counts.weight
    p_value, method = p_values(
        chi2, counts.pearson / counts.tau, counts.tested, counts.sparse, counts.tau
    )
    return answer(counts.n, counts.m, "values", index, index, p_value, METHODS, method)


DETECTOR = Detector(
    name="psi",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="PSI",
    dependence="scale",
)
