"""Lists of unequal length as one flat array: the form in which a whole chunk is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc

from argosy_detectors.shared import shared

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class Ragged(NamedTuple):
    """One list per row, end to end."""

    values: NDArray[np.float64]
    """The elements of all lists."""
    starts: NDArray[np.int64]
    """Where each list begins."""
    lengths: NDArray[np.int64]
    """How many elements each list has."""


def ragged(column: pa.ChunkedArray) -> Ragged:
    """Flatten a column of lists.

    Args:
        column: lists or large lists of numbers, in any number of chunks, sliced or not. A null
            list counts as an empty one.

    Returns:
        The elements as float64, which holds counts up to 2**53 exactly.

    Example:
        >>> import pyarrow as pa
        >>> ragged(pa.chunked_array([[[1.0, 2.0], []], [[3.0]]])).lengths.tolist()
        [2, 0, 1]
    """
    if not len(column):
        none = np.zeros(0, np.int64)
        return Ragged(np.zeros(0), none, none)
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy().astype(np.int64)
    values = pc.list_flatten(column).to_numpy().astype(np.float64, copy=False)
    return Ragged(values, np.cumsum(lengths) - lengths, lengths)


@shared
def sides(table: pa.Table) -> tuple[Ragged, Ragged]:
    """Flatten the reference and the current values of a numeric table.

    Args:
        table: with the lists `reference` and `current`.

    Example:
        >>> import pyarrow as pa
        >>> sides(pa.table({"reference": [[1.0, 2.0]], "current": [[3.0]]}))[1].values.tolist()
        [3.0]
    """
    return ragged(table["reference"]), ragged(table["current"])


def below(
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    needles: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Count the elements of each list that are less than each of its needles.

    A binary search of all lists in step: as many rounds as the longest list has binary digits.

    Args:
        values: the elements of all lists, each list sorted.
        starts: where each list begins, shape (rows,).
        lengths: how many elements each has, shape (rows,).
        needles: shape (rows, needles).

    Returns:
        Counts of shape (rows, needles).

    Example:
        >>> lists = Ragged(np.array([1.0, 2.0, 2.0, 9.0]), np.array([0, 3]), np.array([3, 1]))
        >>> below(*lists, np.array([[2.0, 5.0], [2.0, 10.0]])).tolist()
        [[1, 3], [0, 1]]
    """
    found = np.zeros(needles.shape, np.int64)
    longest = int(lengths.max(initial=0))
    ends = lengths[:, None]
    step = 1 << longest.bit_length()
    while step := step >> 1:
        ahead = found + step
        fits = ahead <= ends
        probe = values[starts[:, None] + np.where(fits, ahead, found) - 1]
        found += step * (fits & (probe < needles))
    return found
