"""The rows that shares are made of, for Fisher's exact test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from argosy.kernels import down
from argosy_metrics.agreement import right
from argosy_metrics.decisions import cells
from argosy_metrics.groups import Groups

if TYPE_CHECKING:
    from collections.abc import Sequence

_CELLS = {
    "precision": ([3], [1, 3]),
    "recall": ([3], [2, 3]),
    "specificity": ([0], [0, 1]),
}
"""The cells of `agreement.cells` that a share counts, and those that it counts them of."""


def shares(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Count the rows of shares; see `argosy.types.CountShares`.

    Example:
        >>> rows = {"truth": [[1.0, 1.0, 0.0]], "prediction": [[1.0, 0.0, 0.0]]}
        >>> group = pa.table({**rows, "weight": [[1.0, 1.0, 1.0]]})
        >>> shares(group, ["recall", "accuracy"]).to_pylist()
        [{'recall': {'part': 1, 'whole': 2}, 'accuracy': {'part': 2, 'whole': 3}}]
    """
    groups = Groups(table)
    found = {}
    for name in names:
        if name == "accuracy":
            part, whole = right(*groups.columns, *groups.spans)
        else:
            sums = groups.once(cells)[0]
            part, whole = (down(sums[rows]).astype(np.int64) for rows in _CELLS[name])
        columns = pa.array(part, pa.int64()), pa.array(whole, pa.int64())
        found[name] = pa.StructArray.from_arrays(columns, names=["part", "whole"])
    return pa.table(found)
