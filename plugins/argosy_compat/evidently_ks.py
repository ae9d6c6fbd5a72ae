"""Evidently's Kolmogorov-Smirnov test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from argosy.types import Detector
from argosy_compat import evidently
from argosy_compat.answer import Score, answered

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column

GIVES_UP = "ks_2samp: Exact calculation unsuccessful"
"""How SciPy says that a p-value is asymptotic after all, as Evidently's then is."""


def measure(table: pa.Table) -> pa.Table:
    """Give Evidently's p-value, SciPy's: exact up to 10,000 values a side, else asymptotic.

    Evidently calls the p-value its score; statistic and effect are the distance D behind it.

    Source: Evidently 0.7.23, legacy/calculations/stattests/ks_stattest.py.

    Example:
        >>> import pyarrow as pa
        >>> sides = {"reference": [[1.0, 2.0, 3.0]], "current": [[4.0, 5.0, 6.0]]}
        >>> row = measure(pa.table(sides))
        >>> row["effect"][0].as_py(), round(row["p_value"][0].as_py(), 6)
        (1.0, 0.1)
    """
    return answered(table, evidently.NAME, values)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    from scipy.stats import ks_2samp  # a second and 50 MB, so only on use

    reference, current, _ = evidently.finite(row)
    # Not `catch_warnings`: chunks share the process, and it would put back another's filters.
    warnings.filterwarnings("ignore", GIVES_UP, RuntimeWarning)
    found = ks_2samp(reference, current)
    return Score(found.statistic, found.pvalue, "ks_2samp")


DETECTOR = Detector(
    name="evidently:ks",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=0.0,
    effect="Kolmogorov-Smirnov distance",
    default=False,
)
