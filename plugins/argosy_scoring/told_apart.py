"""Numbers as floats that keep their order, where neighbouring ones would become one float."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.kernels.numbers import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_EXACT = 2**53
_NARROW = (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32)


def told_apart(column: pl.Series) -> Floats:
    """Return numbers as floats, each the nearest that there is above those of smaller numbers.

    Args:
        column: of numbers, or of text that says some; what is none becomes NaN.

    Example:
        >>> found = told_apart(pl.Series([2**60 + 1, 2**60, None]))
        >>> found[0] > found[1], float(found[1]) == 2**60, found[2]
        (np.True_, True, np.float64(nan))
    """
    values = numbers(column).to_numpy()
    kind = column.dtype
    if not (kind.is_integer() or kind.is_decimal()) or kind in _NARROW or not len(column):
        return values
    if kind.is_integer() and np.nanmax(np.abs(values), initial=0) <= _EXACT:
        return values
    exact = column.drop_nulls().unique().sort()
    nearest = exact.cast(pl.Float64).to_numpy()
    if (nearest[1:] > nearest[:-1]).all():
        return values
    steps = _steps(nearest + 0.0)
    place = np.arange(len(steps))
    spread = _steps(np.maximum.accumulate(steps - place) + place)
    found: Floats = spread.view(np.float64)[exact.search_sorted(column.fill_null(exact[0]))]
    found[column.is_null().to_numpy()] = np.nan
    return found


def _steps(numbers: Floats | Ints) -> Ints:
    """Return numbers of floats in the order of their size, without gaps; or floats of such numbers.

    It is its own inverse.

    >>> _steps(_steps(np.array([-1.0, 2.0]))).view(np.float64).tolist()
    [-1.0, 2.0]
    """
    bits = numbers.view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)
