"""The two sides of numeric rows as flat arrays, and where values lie among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import Ragged, ragged
from argosy_detectors.shared import shared

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


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
