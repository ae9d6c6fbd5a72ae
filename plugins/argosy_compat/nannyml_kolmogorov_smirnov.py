"""NannyML's Kolmogorov-Smirnov statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat import nannyml
from argosy_compat.answer import Score, answered
from argosy_compat.columns import inside

if TYPE_CHECKING:
    import pyarrow as pa

    from argosy_compat.columns import Column


def measure(table: pa.Table) -> pa.Table:
    """Give NannyML's D: the largest distance between the two distribution functions.

    From 10,000 reference values on, it looks at 10,000 equally wide bins of the reference only.
    NannyML 0.13 drops the p-value, so there is none.

    Source: NannyML 0.13.1, nannyml/drift/univariate/methods.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"reference": [[1.0, 3.0]], "current": [[2.0, 4.0]]}))
        >>> row["effect"][0].as_py()
        0.5
    """
    return answered(table, nannyml.NAME, values)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    return Score(exact(row) if len(row.reference) < nannyml.MANY else binned(row))


def exact(row: Column) -> float:
    """Compute D from the values."""
    reference, current, _ = row
    every = np.concatenate([reference, current])
    before = np.searchsorted(reference, every, "right") / len(reference)
    after = np.searchsorted(current, every, "right") / len(current)
    return float(np.abs(before - after).max())


def binned(row: Column) -> float:
    """Compute D at the upper edges of bins."""
    reference, current, _ = row
    edges = np.linspace(reference[0], reference[-1], nannyml.MANY + 1)
    before = np.cumsum(inside(reference, edges) / len(reference))
    after = np.cumsum(inside(current, edges) / len(current))
    lower = np.searchsorted(current, edges[0], "left") / len(current)
    return float(np.abs(before - (lower + after)).max())


DETECTOR = Detector(
    name="nannyml:kolmogorov_smirnov",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=0.0,
    effect="Kolmogorov-Smirnov distance",
    default=False,
    dependence="blocks",
)
