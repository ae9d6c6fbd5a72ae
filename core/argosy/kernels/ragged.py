"""Lists of unequal length as one flat array: the form in which a whole chunk is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class Ragged(NamedTuple):
    """One list per row, end to end."""

    values: NDArray[np.float64]
    """The elements of all lists; NaN where one is missing."""
    starts: NDArray[np.int64]
    """Where each list begins."""
    lengths: NDArray[np.int64]
    """How many elements each list has."""

    @classmethod
    def of(cls, values: NDArray[np.float64], lengths: NDArray[np.int64]) -> Self:
        """Return lists that lie end to end, none of `values` between them.

        Example:
            >>> Ragged.of(np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1])).starts.tolist()
            [0, 2, 2]
        """
        return cls(values, np.cumsum(lengths) - lengths, lengths)

    @property
    def owners(self) -> NDArray[np.int64]:
        """The place of the list that each element belongs to.

        Example:
            >>> Ragged.of(np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1])).owners.tolist()
            [0, 0, 2]
        """
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


def ragged(column: pa.ChunkedArray) -> Ragged:
    """Flatten a column of lists; nothing is copied where it is one chunk of float64.

    Args:
        column: lists or large lists of numbers, in any number of chunks, sliced or not. A null
            list counts as an empty one.

    Returns:
        The elements as float64, which holds counts up to 2**53 exactly. They may be read-only.

    Example:
        >>> import pyarrow as pa
        >>> ragged(pa.chunked_array([[[1.0, 2.0], []], [[3.0]]])).lengths.tolist()
        [2, 0, 1]
    """
    from pyarrow import compute  # takes a while, and not every process lays lists out

    if not len(column):
        none = np.zeros(0, np.int64)
        return Ragged(np.zeros(0), none, none)
    lengths = compute.fill_null(compute.list_value_length(column), 0).to_numpy().astype(np.int64)
    values = compute.list_flatten(column).to_numpy().astype(np.float64, copy=False)
    return Ragged.of(values, lengths)
