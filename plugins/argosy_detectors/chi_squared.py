"""Chi-squared test of homogeneity of a categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.buckets import pooled_levels
from argosy_detectors.counts import counted
from argosy_detectors.homogeneity import likelihood_ratio, p_values, pearson

if TYPE_CHECKING:
    import pyarrow as pa

METHODS = ["chi2", "likelihood ratio", "exact"]


def measure(table: pa.Table) -> pa.Table:
    """Test whether both sides have the same shares of each category.

    Both sides are samples: the reference is not taken for the population. Rare categories are
    pooled (`argosy_detectors.buckets`). The statistic is Pearson's, the effect Cramér's V (0 to
    1). The p-value is chi-squared ("chi2"); below 0.01, if the likelihood ratio of the same
    table has the larger one, that stands ("likelihood ratio"). Categories that pool into one
    get Fisher's exact test of the most common against the rest ("exact"). Where rows depend on
    each other, the p-value is that of the statistic divided by `tau`.

    Args:
        table: one row per model and column, with the lists `ref_counts` and `cur_counts`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side
        has no values.

    Source: Pearson, Philosophical Magazine 50 (1900); Cochran, "Some methods for strengthening
    the common chi-squared tests", Biometrics 10 (1954).

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["statistic"][0].as_py(), 3), round(row["effect"][0].as_py(), 3)
        (21.978, 0.105)
    """
    counts = counted(table)
    tau = counts.tau
    ratio = likelihood_ratio(counts.tested) / tau
    p_value, method = p_values(counts.pearson / tau, ratio, counts.tested, counts.sparse, tau)
    plain = counts.pearson  # which is of fewer buckets where rows count less
    if (tau > 1).any():
        plain = pearson(pooled_levels(counts.buckets)[0])
    effect = np.sqrt(plain / np.maximum(counts.n + counts.m, 1))
    return answer(counts.n, counts.m, "values", plain, effect, p_value, METHODS, method)


DETECTOR = Detector(
    name="chi_squared",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.1,
    effect="Cramér's V",
    weight=64.0,
    dependence="scale",
)
