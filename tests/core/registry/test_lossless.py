"""A number that is registered is the number that was given."""

from decimal import Decimal

import polars as pl
import pytest

import argosy
from argosy.registry.lossless import read


@pytest.mark.parametrize("more", [{"tier": 2.7}, {"seed": 1.9}, {"tier": True}, {"seed": 2**70}])
def test_a_number_that_would_be_another_one_is_refused(empty, more):
    """A fraction was cut off without a word."""
    (name,) = more
    with pytest.raises(argosy.errors.BadInput, match=rf"'{name}'.*row 1 has"):
        empty.register(
            pl.DataFrame(
                {"model": ["a", "b"], "version": ["1", "1"], name: [None, more[name]]},
                strict=False,
            )
        )

    assert empty.models().collect().is_empty()


@pytest.mark.parametrize(
    ("given", "dtype"),
    [([2.5], pl.Int64()), ([1e30], pl.Int64()), ([300], pl.Int8()), ([-1], pl.UInt8()),
     ([Decimal("1.5")], pl.Int64()), ([2], pl.Boolean()), ([True], pl.Float64()),
     ([2**53 + 1], pl.Float64()), ([float("inf")], pl.Int64())],
)  # fmt: skip
def test_nothing_is_lost(given, dtype):
    with pytest.raises(ValueError, match="row 0 has"):
        read(pl.Series(given), dtype)


@pytest.mark.parametrize(
    ("given", "dtype", "expected"),
    [([2.0, None], pl.Int64(), [2, None]), ([float("nan")], pl.Int64(), [None]),
     ([Decimal("3.00")], pl.Int64(), [3]), ([0, 1], pl.Boolean(), [False, True]),
     ([3], pl.Float64(), [3.0]), ([2**53], pl.Float64(), [2.0**53])],
)  # fmt: skip
def test_what_is_the_same_number_is_taken(given, dtype, expected):
    assert read(pl.Series(given), dtype).to_list() == expected
