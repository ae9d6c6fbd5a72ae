"""Lists of a table become one flat array."""

import numpy as np
import pyarrow as pa

from argosy.kernels import ragged


def test_lists_become_one_flat_array_however_they_are_cut():
    """Slices and chunks are how Arrow hands over parts of a table."""
    column = pa.chunked_array([[[9.0], [1.0, None]], [None, [], [3.0]]])[1:]

    values, starts, lengths = ragged(column)

    assert np.array_equal([1.0, np.nan, 3.0], values, equal_nan=True)
    assert ([0, 2, 2, 2], [2, 0, 0, 1]) == (starts.tolist(), lengths.tolist())
