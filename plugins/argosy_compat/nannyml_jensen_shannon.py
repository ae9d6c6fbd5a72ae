"""NannyML's Jensen-Shannon distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat.distances import divergence
from argosy_compat.nannyml import by_shares

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def measure(table: pa.Table) -> pa.Table:
    """Give NannyML's Jensen-Shannon distance: the root of the divergence, base 2.

    Bins are those of `argosy_compat.nannyml.shares`, or the reference's categories, with one
    more for all that the reference has not.

    Source: NannyML 0.13.1, nannyml/drift/univariate/methods.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 6)
        0.089148
    """
    return by_shares(table, distance)


def distance(p: Floats, q: Floats) -> float:
    """Compute the distance of two vectors of shares.

    Example:
        >>> distance(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        1.0
    """
    return float(np.sqrt(divergence(p, q) / np.log(2) / 2.0))


DETECTOR = Detector(
    name="nannyml:jensen_shannon",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="NannyML's Jensen-Shannon distance",
    default=False,
    dependence="blocks",
)
