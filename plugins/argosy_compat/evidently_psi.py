"""Evidently's population stability index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.types import Detector
from argosy_compat import evidently
from argosy_compat.answer import Score, answered

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_compat.columns import Column

    Floats = NDArray[np.float64]


def measure(table: pa.Table) -> pa.Table:
    """Give Evidently's PSI, in nats.

    Bins are those of `argosy_compat.evidently.shares`, or the categories. A side's empty bins get
    the share 0.0001, or a millionth of the side's smallest share where that is 0.0001 or less;
    the shares are not normalised again.

    Source: Evidently 0.7.23, legacy/calculations/stattests/psi.py.

    Example:
        >>> import pyarrow as pa
        >>> row = measure(pa.table({"ref_counts": [[300, 700]], "cur_counts": [[400, 600]]}))
        >>> round(row["effect"][0].as_py(), 6)
        0.044183
    """
    return answered(table, evidently.NAME, values, counts)


def values(row: Column) -> Score:
    """Compare two sides of values."""
    return Score(index(*evidently.shares(evidently.finite(row))))


def counts(row: Column) -> Score:
    """Compare two sides of counts."""
    return Score(index(*evidently.category_shares(row)))


def index(p: Floats, q: Floats) -> float:
    """Compute the index of two vectors of shares.

    Example:
        >>> round(index(np.array([0.9, 0.1]), np.array([1.0, 0.0])), 6)
        0.700621
    """
    p, q = filled(p), filled(q)
    return float(np.sum((p - q) * np.log(p / q)))


def filled(shares: Floats) -> Floats:
    """Replace shares of zero.

    Example:
        >>> filled(np.array([0.99995, 0.00005, 0.0])).tolist()
        [0.99995, 5e-05, 5e-11]
    """
    least = shares[shares != 0].min()
    return np.where(shares == 0, least / 10**6 if least <= 0.0001 else 0.0001, shares)


DETECTOR = Detector(
    name="evidently:psi",
    kinds=frozenset({"numeric", "categorical"}),
    measure=measure,
    floor=0.1,
    effect="Evidently's PSI",
    default=False,
    dependence="blocks",
)
