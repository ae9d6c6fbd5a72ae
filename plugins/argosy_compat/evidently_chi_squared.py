"""Evidently's chi-squared test: goodness of fit to the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from argosy.types import Detector
from argosy_compat import evidently
from argosy_compat.answer import Score, answered

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column

GREATEST = float(np.finfo(np.float64).max)
"""Stands for an infinite statistic, as in `numpy.nan_to_num`."""


def measure(table: pa.Table) -> pa.Table:
    """Give Evidently's p-value: the reference's shares are taken for the exact ones.

    Evidently calls the p-value its score; statistic and effect are Pearson's sum behind it. A
    category that the reference lacks makes it infinite and p 0; the greatest number stands for
    infinity. A reference is a sample, so clean columns have p < 0.05 far too often; the detector
    `chi_squared` compares two samples.

    One category leaves no degree of freedom. Its p is NaN, here undefined, or 0 where n (m / n)
    is not m in the last digit.

    Source: Evidently 0.7.23, legacy/calculations/stattests/chisquare_stattest.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[30, 70]], "cur_counts": [[40, 60]]}))
        >>> round(row["effect"][0].as_py(), 6), round(row["p_value"][0].as_py(), 6)
        (4.761905, 0.029096)
    """
    return answered(table, evidently.NAME, counts=counts)


def counts(row: Column) -> Score:
    """Compare two sides of counts."""
    reference, current = evidently.seen(row)
    expected = reference * (current.sum() / reference.sum())
    statistic = min(float(np.sum((current - expected) ** 2 / expected)), GREATEST)
    return Score(statistic, chdtrc(len(reference) - 1, statistic), "goodness of fit")


DETECTOR = Detector(
    name="evidently:chi_squared",
    kinds=frozenset({"categorical"}),
    measure=measure,
    floor=0.0,
    effect="Pearson's statistic",
    default=False,
)
