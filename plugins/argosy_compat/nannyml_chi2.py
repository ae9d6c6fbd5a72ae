"""NannyML's chi-squared test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from argosy.types import Detector
from argosy_compat import nannyml
from argosy_compat.answer import Score, answered

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column


def measure(table: pa.Table) -> pa.Table:
    """Give NannyML's statistic and p-value: homogeneity of both sides, nothing pooled.

    Two categories get Yates' correction, as SciPy has it by default. One category has the
    statistic 0 and p = 1.

    Source: NannyML 0.13.1, nannyml/drift/univariate/methods.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[30, 70]], "cur_counts": [[40, 60]]}))
        >>> round(row["effect"][0].as_py(), 6), round(row["p_value"][0].as_py(), 6)
        (1.78022, 0.182122)
    """
    return answered(table, nannyml.NAME, counts=counts)


def counts(row: Column) -> Score:
    """Compare two sides of counts."""
    observed = np.stack([row.reference, row.current])
    observed = observed[:, observed.any(axis=0)]
    categories = observed.shape[1]
    if categories == 1:
        return Score(0.0, 1.0, "chi2")
    shares = observed.sum(axis=0) / observed.sum()
    expected = observed.sum(axis=1, keepdims=True) * shares
    difference = np.abs(observed - expected)
    if categories == 2:
        difference = np.maximum(difference - 0.5, 0.0)
    statistic = float(np.sum(difference**2 / expected))
    return Score(statistic, chdtrc(categories - 1, statistic), "chi2")


DETECTOR = Detector(
    name="nannyml:chi2",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.0,
    effect="chi-squared statistic",
    default=False,
)
