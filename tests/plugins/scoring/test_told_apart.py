"""Numbers keep their order as floats, and ordinary ones their value."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from argosy_scoring.told_apart import told_apart

WIDE = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(WIDE | st.integers(2**60, 2**60 + 50), min_size=1))
def test_the_order_is_that_of_the_integers(numbers):
    for kind in (pl.Int64, pl.Int128, pl.Decimal(38, 0)):
        found = told_apart(pl.Series(numbers, dtype=pl.Int64).cast(kind))
        order = np.unique(np.array(numbers, object), return_inverse=True)[1]

        assert (np.unique(found, return_inverse=True)[1] == order).all()


@given(st.lists(st.none() | st.integers(-(2**53), 2**53), min_size=1))
def test_numbers_that_floats_tell_apart_stay_as_they_are(numbers):
    column = pl.Series(numbers, dtype=pl.Int64)

    assert np.array_equal(told_apart(column), column.cast(pl.Float64).to_numpy(), equal_nan=True)


def test_text_is_read_as_a_float():
    assert told_apart(pl.Series(["0.5", "x"]))[0] == 0.5
    assert np.isnan(told_apart(pl.Series(["0.5", "x"]))[1])
