"""Numbers that no float holds: errors of a regression would be those of their neighbours.

Metrics are handed float64, in which whole numbers beyond 2^53 are one with their neighbours. Those
that a float holds exactly, such as 10^18, stay what they are; the others are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_EXACT = 2**53
_WIDE = (pl.Int64, pl.UInt64, pl.Int128, pl.UInt128)


def changed(column: pl.Series, values: Floats) -> Mask | None:
    """Say which numbers of a column are others as floats, or None where none can be.

    Args:
        column: of numbers, or of text that spells them.
        values: the same as floats.

    Example:
        >>> many = pl.Series([2**60, 2**60 + 1, None])
        >>> changed(many, many.cast(pl.Float64).to_numpy()).tolist()
        [False, True, False]
        >>> changed(pl.Series([1, 2]), np.array([1.0, 2.0]))
    """
    kind = column.dtype
    if not (kind in _WIDE or kind.is_decimal() or kind == pl.String):
        return None
    far = np.abs(values) > _EXACT
    if not far.any():
        return None
    exact = pl.Decimal(38, kind.scale) if kind.is_decimal() else pl.Int128()  # type: ignore[attr-defined]
    own = column.filter(far).cast(exact, strict=False)
    float_ = pl.Series(values[far]).cast(exact, strict=False)
    found = np.zeros(len(values), np.bool_)
    found[far] = (own != float_).fill_null(value=False).to_numpy()
    return found if found.any() else None
