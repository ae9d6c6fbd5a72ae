"""The rows of a detector's table as arrays, and histograms of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray


class Column(NamedTuple):
    """Both sides of one column of one model."""

    reference: NDArray[np.float64]
    """Sorted values, or the rows of each category."""
    current: NDArray[np.float64]
    """The same of the current side, with the same categories."""
    missing: int
    """Rows of both sides that have no value."""


def is_numeric(table: pa.Table) -> bool:
    """Whether the sides are values, not counts of categories."""
    return "reference" in table.column_names


def columns(table: pa.Table) -> Iterator[Column]:
    """Take a table apart, row by row.

    Args:
        table: as `argosy.types.Detector` says, of either kind.

    Example:
        >>> import pyarrow as pa
        >>> counts = {"ref_counts": [[3, 1], [2]], "cur_counts": [[2, 2], [4]]}
        >>> [row.current.tolist() for row in columns(pa.table(counts))]
        [[2.0, 2.0], [4.0]]
    """
    if not table.num_rows:
        return
    names = ("reference", "current") if is_numeric(table) else ("ref_counts", "cur_counts")
    sides = [_arrays(table[name]) for name in names]
    gaps: Any = 0
    for name in {"null_ref", "null_cur"} & set(table.column_names):
        gaps += table[name].to_numpy()
    missing = [0] * table.num_rows if isinstance(gaps, int) else gaps.tolist()
    yield from map(Column, *sides, missing)


def inside(values: NDArray[Any], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count sorted values between edges as `numpy.histogram` does, the last edge included.

    Example:
        >>> inside(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0])).tolist()
        [1, 2]
    """
    below = np.searchsorted(values, edges, "left")
    below[-1] = np.searchsorted(values, edges[-1], "right")
    return np.diff(below)


def _arrays(lists: pa.ChunkedArray) -> Iterator[NDArray[np.float64]]:
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_pylist()
    values = pc.list_flatten(lists).to_numpy().astype(np.float64, copy=False)
    start = 0
    for length in lengths:
        yield values[start : start + length]
        start += length
