"""The tables that estimators give back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels.answers import WORTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

FEWEST = 20
"""Fewer rows on either side say nothing: neither a fit nor an estimate is made."""
Z = 1.959963984540054
"""The half width of a normal band that holds 95 of 100, in standard errors."""


def reasons(cases: Sequence[tuple[NDArray[np.bool_], str]], models: int) -> list[str | None]:
    """Return the reason of the first case that holds for each model, or None.

    Example:
        >>> reasons([(np.array([True, False]), "no rows")], 2)
        ['no rows', None]
    """
    found: list[str | None] = [None] * models
    for holds, reason in reversed(cases):
        for place in np.flatnonzero(holds).tolist():
            found[place] = reason
    return found


def band(
    numbers: Iterable[NDArray[np.float64]],
    undefined: Sequence[str | None],
    worth: NDArray[np.float64] | None = None,
) -> pa.StructArray:
    """Make the column of one metric from value, lower and upper; null where it has a reason.

    Args:
        numbers: value, lower and upper.
        undefined: why there is none, or None.
        worth: how many independent rows the current ones are worth; NaN, or None altogether, where
            unknown.

    Example:
        >>> half = np.array([0.5])
        >>> band((half, half - 0.1, half + 0.1), ["no rows"]).to_pylist()
        [{'value': None, 'lower': None, 'upper': None, 'reason': 'no rows'}]
    """
    absent = np.array([reason is not None for reason in undefined], bool)
    columns = [pa.array(each, pa.float64(), mask=absent) for each in numbers]
    told = pa.array(undefined, pa.string())
    if worth is not None and not np.isnan(worth).all():
        columns.append(pa.array(worth, pa.float64(), mask=np.isnan(worth)))
        names = ["value", "lower", "upper", WORTH, "reason"]
        return pa.StructArray.from_arrays([*columns, told], names)
    return pa.StructArray.from_arrays([*columns, told], ["value", "lower", "upper", "reason"])
