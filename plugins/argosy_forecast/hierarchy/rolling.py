"""A backtest reconciled: each origin by the errors that were known when it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.errors import BadInput
from argosy_forecast.hierarchy.minimum_trace import Reconciled, on_one_thread, project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_forecast.hierarchy.summing import Summing

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def reconcile_origins(
    hierarchy: Summing,
    base: Floats,
    truth: Floats,
    origins: Ints,
    known: Ints,
    blocks: Ints | None = None,
    method: str = "mint",
    non_negative: bool = False,
) -> list[Reconciled]:
    """Reconcile every origin by errors of earlier origins alone.

    An error is of use once its truth is known, which for origins that overlap may be days after
    the next one; until then it is as if it were not there.

    Args:
        hierarchy: its nodes are the rows of the rest.
        base: forecasts, shape (nodes, origins, horizons).
        truth: what came true, the same shape; NaN where it is not known.
        origins: the instant of each, ascending, in microseconds or any other unit.
        known: when the truth of each origin and horizon was known, in that unit, shape
            (origins, horizons).
        blocks: of each horizon, as `reconcile` takes them.
        method: as `reconcile` takes it.
        non_negative: likewise.

    Returns:
        One result per origin.

    Raises:
        BadInput: if origins do not ascend, or a truth was known before its origin.

    Example:
        >>> import polars as pl
        >>> from argosy_forecast.hierarchy.summing import summing
        >>> tree = summing(pl.DataFrame({"parent": ["all", "all"], "child": ["a", "b"]}))
        >>> base = np.array([[[10.0], [10.0]], [[4.0], [4.0]], [[3.0], [3.0]]])
        >>> found = reconcile_origins(tree, base, base - 1, np.array([0, 7]), np.array([[1], [8]]))
        >>> [one.method[0] for one in found], found[1].value.ravel().round(6).tolist()
        (['bottom_up', 'wls'], [9.0, 5.0, 4.0])
    """
    if (np.diff(origins) <= 0).any():
        raise BadInput("origins ascend, each one once")
    if (known <= origins[:, None]).any():
        raise BadInput("a truth that was known at its origin needs no forecast: look at `known`")
    errors = base - truth
    with on_one_thread():
        return [
            project(
                hierarchy,
                base[:, place],
                np.where(known[None, :place] <= origin, errors[:, :place], np.nan),
                blocks,
                method,
                non_negative,
            )
            for place, origin in enumerate(origins)
        ]
