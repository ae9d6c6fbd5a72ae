"""What NannyML does to a column before it compares its sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_compat.answer import Score, answered
from argosy_compat.columns import inside

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_compat.columns import Column

    Floats = NDArray[np.float64]

NAME = "NannyML"
MANY = 10_000
"""References of so many values are put into as many bins instead of being kept."""


def by_shares(table: pa.Table, distance: Callable[[Floats, Floats], float]) -> pa.Table:
    """Answer every row with a distance of the shares that either side has in NannyML's bins.

    Args:
        table: of either kind, as `argosy.types.Detector` says.
        distance: of two vectors of shares.

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"ref_counts": [[3, 1]], "cur_counts": [[1, 3]]})
        >>> by_shares(table, lambda p, q: float(abs(p - q).max()))["effect"].to_pylist()
        [0.5]
    """
    return answered(
        table,
        NAME,
        lambda row: Score(distance(*shares(row))),
        lambda row: Score(distance(*category_shares(row))),
    )


def shares(row: Column) -> tuple[Floats, Floats]:
    """Compute the shares of either side's values in NannyML's bins.

    They are those of Doane's rule over the reference, equally wide. Current values outside its
    range share one more bin.

    Args:
        row: sorted values.

    Source: `ContinuousJensenShannonDistance` in nannyml/drift/univariate/methods.py.

    Example:
        >>> from argosy_compat.columns import Column
        >>> row = Column(np.array([1.0, 1.0, 2.0, 2.0]), np.array([1.0, 5.0]), missing=0)
        >>> [side.round(6).tolist() for side in shares(row)]
        [[0.5, 0.0, 0.5, 0.0], [0.5, 0.0, 0.0, 0.5]]
    """
    edges = np.histogram_bin_edges(row.reference, bins="doane")
    p, q = (inside(side, edges) / len(side) for side in (row.reference, row.current))
    return _with_rest(p, q)


def category_shares(row: Column) -> tuple[Floats, Floats]:
    """Compute the shares of either side's rows in the reference's categories.

    Current rows of all other categories share one more.

    Source: `CategoricalJensenShannonDistance` in nannyml/drift/univariate/methods.py.

    Example:
        >>> from argosy_compat.columns import Column
        >>> row = Column(np.array([4.0, 0.0, 0.0]), np.array([2.0, 1.0, 1.0]), missing=0)
        >>> [side.tolist() for side in category_shares(row)]
        [[1.0, 0.0], [0.5, 0.5]]
    """
    known = row.reference > 0
    p = row.reference[known] / row.reference.sum()
    return _with_rest(p, row.current[known] / row.current.sum())


def _with_rest(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    # Where the shares add up to 1 but for their last digit, that digit gets a bin too, and the
    # distance of equal sides is 1e-8: NannyML has it so.
    rest = 1 - np.sum(q)
    return (np.append(p, 0), np.append(q, rest)) if rest > 0 else (p, q)
