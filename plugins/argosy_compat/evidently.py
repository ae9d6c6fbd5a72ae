"""What Evidently does to a column before it compares its sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_compat.answer import Undefined
from argosy_compat.columns import Column, inside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NAME = "Evidently"
FEW = 20
"""A reference of so many distinct values, or fewer, is compared value by value."""
EXACT = 2.0**53
"""Whole numbers beyond it are not told apart from their neighbours."""


def finite(row: Column) -> Column:
    """Drop infinities, which Evidently counts as missing.

    A column whose values are all whole and present becomes one of integers, as pandas would
    have read it: NumPy gives integers no bins narrower than 1.

    Args:
        row: sorted values of both sides.

    Raises:
        Undefined: a side has nothing else.

    Example:
        >>> sides = np.array([1.0, 2.0, np.inf]), np.array([2.0])
        >>> finite(Column(*sides, missing=0)).reference.tolist()
        [1.0, 2.0]
    """
    reference, current = (side[np.isfinite(side)] for side in (row.reference, row.current))
    for side, name in ((reference, "reference"), (current, "current")):
        if not len(side):
            raise Undefined(f"no finite {name} values")
    missing = row.missing + len(row.reference) - len(reference) + len(row.current) - len(current)
    if not missing and _whole(reference) and _whole(current):
        return Column(reference.astype(np.int64), current.astype(np.int64), 0)
    return Column(reference, current, missing)


def shares(row: Column) -> tuple[Floats, Floats]:
    """Compute the shares of either side's values in Evidently's bins.

    Up to twenty distinct reference values have one bin per value of either side. More have the
    bins of Sturges' rule over the values of both sides together, equally wide.

    Args:
        row: finite, sorted values.

    Source: `get_binned_data` in evidently/legacy/calculations/stattests/utils.py.

    Example:
        >>> row = Column(np.array([1.0, 1.0, 2.0, 2.0]), np.array([1.0, 5.0]), missing=0)
        >>> [side.tolist() for side in shares(row)]
        [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]
    """
    reference, current, _ = row
    if len(np.unique(reference)) > FEW:
        edges = np.histogram_bin_edges(np.concatenate([reference, current]), bins="sturges")
        counts = [inside(side, edges) for side in (reference, current)]
    else:
        keys = np.union1d(reference, current)
        counts = [
            np.searchsorted(side, keys, "right") - np.searchsorted(side, keys, "left")
            for side in (reference, current)
        ]
    return counts[0] / len(reference), counts[1] / len(current)


def category_shares(row: Column) -> tuple[Floats, Floats]:
    """Compute the shares of either side's rows in the categories that a side has.

    Example:
        >>> row = Column(np.array([3.0, 1.0, 0.0]), np.array([2.0, 2.0, 0.0]), missing=0)
        >>> [side.tolist() for side in category_shares(row)]
        [[0.75, 0.25], [0.5, 0.5]]
    """
    reference, current = seen(row)
    return reference / reference.sum(), current / current.sum()


def seen(row: Column) -> tuple[Floats, Floats]:
    """Leave out categories that no side has.

    Example:
        >>> seen(Column(np.array([3.0, 0.0]), np.array([2.0, 0.0]), missing=0))[0].tolist()
        [3.0]
    """
    some = (row.reference > 0) | (row.current > 0)
    return row.reference[some], row.current[some]


def _whole(values: Floats) -> bool:
    return bool(np.all((values == np.trunc(values)) & (np.abs(values) <= EXACT)))
