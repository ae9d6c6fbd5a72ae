"""Evidently's normed Wasserstein distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat import evidently
from argosy_compat.answer import Score, answered
from argosy_compat.distances import wasserstein

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column

LEAST = 0.001
"""What Evidently divides by where the reference varies less."""


def measure(table: pa.Table) -> pa.Table:
    """Give the Wasserstein distance in population standard deviations of the reference.

    A standard deviation below 0.001 counts as 0.001, whatever the unit of the column.

    Source: Evidently 0.7.23, legacy/calculations/stattests/wasserstein_distance_norm.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"reference": [[1.0, 3.0]], "current": [[2.0, 4.0]]}))
        >>> row["effect"][0].as_py()
        1.0
    """
    return answered(table, evidently.NAME, values)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    reference, current, _ = evidently.finite(row)
    return Score(wasserstein(reference, current) / max(float(np.std(reference)), LEAST))


DETECTOR = Detector(
    name="evidently:wasserstein",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=0.1,
    effect="Evidently's Wasserstein distance",
    default=False,
    dependence="blocks",
)
