"""NannyML's Wasserstein distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat import nannyml
from argosy_compat.answer import Score, answered
from argosy_compat.columns import inside
from argosy_compat.distances import wasserstein

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_compat.columns import Column

    Floats = NDArray[np.float64]


def measure(table: pa.Table) -> pa.Table:
    """Give the Wasserstein distance in the units of the column.

    From 10,000 reference values on, the reference is 10,000 equally wide bins, and current
    values outside its range are added apart, each tail weighted as if it had one value more.

    Source: NannyML 0.13.1, nannyml/drift/univariate/methods.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"reference": [[1.0, 3.0]], "current": [[2.0, 4.0]]}))
        >>> row["effect"][0].as_py()
        1.0
    """
    return answered(table, nannyml.NAME, values)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    exact = len(row.reference) < nannyml.MANY
    return Score(wasserstein(row.reference, row.current) if exact else binned(row))


def binned(row: Column) -> float:
    """Compute the distance from the reference's bins, tail by tail."""
    reference, current, _ = row
    counts, edges = np.histogram(reference, bins=nannyml.MANY)
    first, last = edges[0], edges[-1]
    under, over = current[current < first], current[current > last]
    below = (len(under) + 1) / len(current) if len(under) else 0.0
    above = (len(over) + 1) / len(current) if len(over) else 0.0
    tails = 0.0
    if below:
        places, reached = steps(np.append(under, first))
        tails += below * np.sum(reached[:-1] * np.diff(places))
    if above:
        places, reached = steps(np.append(last, over))
        tails += above * np.sum((1 - reached)[:-1] * np.diff(places))
    before = np.cumsum(counts / len(reference))
    after = np.cumsum(inside(current, edges) / len(current)) + below
    return float(np.sum(np.abs(before - after) * (edges[1] - edges[0])) + tails)


def steps(values: Floats) -> tuple[Floats, Floats]:
    """Compute where an empirical distribution function rises, and how far.

    Example:
        >>> [side.tolist() for side in steps(np.array([1.0, 1.0, 4.0, 5.0]))]
        [[1.0, 4.0, 5.0], [0.5, 0.75, 1.0]]
    """
    places, counts = np.unique(values, return_counts=True)
    return places, np.cumsum(counts) / len(values)


DETECTOR = Detector(
    name="nannyml:wasserstein",
    kinds=frozenset({"numeric"}),
    measure=measure,
    floor=0.0,
    effect="Wasserstein distance",
    default=False,
    dependence="blocks",
)
