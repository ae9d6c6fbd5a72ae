"""Evidently's Hellinger distance."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat import evidently
from argosy_compat.answer import Score, answered
from argosy_compat.columns import inside

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_compat.columns import Column

    Floats = NDArray[np.float64]


def measure(table: pa.Table) -> pa.Table:
    """Give Evidently's Hellinger distance: the root of 1 less the overlap of the two sides.

    A numeric column has the bins of Sturges' rule over the distinct values of both sides, each
    counted once; integers have bins no narrower than 1, so a column of 0 and 1 has a single one
    and the distance 0, whatever happens to it. A categorical column has its categories.

    Source: Evidently 0.7.23, legacy/calculations/stattests/hellinger_distance.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 6)
        0.074268
    """
    return answered(table, evidently.NAME, values, counts)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    reference, current, _ = evidently.finite(row)
    edges = np.histogram_bin_edges(np.union1d(reference, current), bins="sturges")
    bins = len(edges) - 1
    # Densities and their width, not shares: the same but for the last digits, which the root
    # of a small difference brings forward.
    before, after = (density(side, edges) for side in (reference, current))
    return Score(distance(before, after, (edges[-1] - edges[0]) / bins))


def counts(row: Column) -> Score:
    """Compare two sides of counts."""
    return Score(distance(*evidently.category_shares(row), 1.0))


def density(values: Floats, edges: Floats) -> Floats:
    """Compute a histogram of area 1.

    Example:
        >>> density(np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.0, 2.0, 4.0])).tolist()
        [0.25, 0.25]
    """
    counts = inside(values, edges)
    area: Floats = counts / np.diff(edges) / counts.sum()
    return area


def distance(p: Floats, q: Floats, width: float) -> float:
    """Compute the distance of two vectors of densities over bins of one width.

    Example:
        >>> distance(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 1.0)
        1.0
    """
    # One term after the other, as Evidently adds them: NumPy's sum has other last digits.
    overlap = np.cumsum(np.sqrt(p * q) * width)[-1]
    return sqrt(1 - min(max(overlap, 0.0), 1.0))


DETECTOR = Detector(
    name="evidently:hellinger",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="Evidently's Hellinger distance",
    default=False,
    dependence="blocks",
)
