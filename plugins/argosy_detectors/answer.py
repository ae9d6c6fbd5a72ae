"""The table every detector answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argosy.tables import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Counts = NDArray[np.int64] | NDArray[np.float64]


def answer(
    n_ref: Counts,
    n_cur: Counts,
    what: str,
    statistic: NDArray[np.float64],
    effect: NDArray[np.float64],
    p_value: NDArray[np.float64] | None,
    methods: Sequence[str],
    method: NDArray[np.int64] | None = None,
    excluded: Sequence[tuple[NDArray[np.bool_], str]] = (),
) -> pa.Table:
    """Assemble the result, undefined wherever a side is empty.

    Args:
        n_ref: how many reference `what` there are, shape (rows,).
        n_cur: the same for the current side.
        what: "values" or "rows", for the reason.
        statistic: shape (rows,); ignored where undefined, as are those that follow.
        effect: shape (rows,).
        p_value: shape (rows,); none if the detector gives none.
        methods: the names of the methods that `method` indexes.
        method: how each p-value was obtained, shape (rows,); defaults to the first of them.
        excluded: what else is undefined, each a mask of shape (rows,) and its reason.

    Returns:
        A table of `argosy.tables.ANSWERS`.

    Example:
        >>> ones = np.ones(2)
        >>> answer(np.array([3, 0]), np.array([4, 5]), "values", ones, ones, ones, ["exact"])[
        ...     "reason"
        ... ].to_pylist()
        [None, 'no reference values']
    """
    masks = [n_ref == 0, n_cur == 0, *(mask for mask, _ in excluded)]
    reasons = [f"no reference {what}", f"no current {what}", *(reason for _, reason in excluded)]
    undefined, first = masks[0].copy(), np.zeros(len(n_ref), np.int64)
    for place, mask in enumerate(masks[1:], 1):
        first[mask & ~undefined] = place
        undefined |= mask
    if method is None:
        method = np.zeros(len(n_ref), np.int64)
    told = pa.array(p_value, pa.float64(), mask=undefined) if p_value is not None else None
    named = pc.take(pa.array(methods, pa.string()), pa.array(method, mask=undefined))
    return pa.table(
        [
            pa.array(statistic, pa.float64(), mask=undefined),
            pa.array(effect, pa.float64(), mask=undefined),
            told if told is not None else pa.nulls(len(n_ref), pa.float64()),
            named if told is not None else pa.nulls(len(n_ref), pa.string()),
            pc.take(pa.array(reasons, pa.string()), pa.array(first, mask=~undefined)),
        ],
        schema=ANSWERS,
    )
