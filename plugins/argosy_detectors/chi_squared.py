"""Chi-squared test of homogeneity of a categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_detectors.answer import answer
from argosy_detectors.buckets import levels, pooled_levels
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
    get Fisher's exact test of the most common against the rest ("exact").

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
    buckets = levels(table)
    tested, sparse = pooled_levels(buckets)
    n, m = buckets.total(buckets.reference), buckets.total(buckets.current)
    chi2 = pearson(tested)
    p_value, method = p_values(chi2, likelihood_ratio(tested), tested, sparse)
    effect = np.sqrt(chi2 / np.maximum(n + m, 1))
    return answer(n, m, "values", chi2, effect, p_value, METHODS, method)


DETECTOR = Detector(
    name="chi_squared",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.1,
    effect="Cramér's V",
)
