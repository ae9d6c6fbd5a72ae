"""The table every detector answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SCHEMA = pa.schema(
    [
        ("statistic", pa.float64()),
        ("effect", pa.float64()),
        ("p_value", pa.float64()),
        ("p_method", pa.string()),
        ("reason", pa.string()),
    ]
)
"""One row per row of the detector's input."""


def answer(
    n_ref: NDArray[np.int64] | NDArray[np.float64],
    n_cur: NDArray[np.int64] | NDArray[np.float64],
    what: str,
    statistic: NDArray[np.float64],
    effect: NDArray[np.float64],
    p_value: NDArray[np.float64],
    methods: Sequence[str],
    method: NDArray[np.int64],
) -> pa.Table:
    """Assemble the result, undefined wherever a side is empty.

    Args:
        n_ref: how many reference `what` there are, shape (rows,).
        n_cur: the same for the current side.
        what: "values" or "rows", for the reason.
        statistic: shape (rows,); ignored where undefined, as are those that follow.
        effect: shape (rows,).
        p_value: shape (rows,).
        methods: the names of the methods that `method` indexes.
        method: how each p-value was obtained, shape (rows,).

    Returns:
        A table of `SCHEMA`.

    Example:
        >>> ones = np.ones(2)
        >>> answer(
        ...     np.array([3, 0]), np.array([4, 5]), "values", ones, ones, ones, ["exact"],
        ...     np.zeros(2, int),
        ... )["reason"].to_pylist()
        [None, 'no reference values']
    """
    undefined = (n_ref == 0) | (n_cur == 0)
    reasons = pa.array([f"no reference {what}", f"no current {what}"], pa.string())
    return pa.table(
        [
            pa.array(statistic, pa.float64(), mask=undefined),
            pa.array(effect, pa.float64(), mask=undefined),
            pa.array(p_value, pa.float64(), mask=undefined),
            pc.take(pa.array(methods, pa.string()), pa.array(method, mask=undefined)),
            pc.take(reasons, pa.array(np.where(n_ref == 0, 0, 1), mask=~undefined)),
        ],
        schema=SCHEMA,
    )
