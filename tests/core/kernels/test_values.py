"""A value means the same whatever type stores it, and no number is rounded on the way."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels.hashing import value_hash
from argosy.kernels.values import beside, distinct, side_by_side, spell, spelling, spelt

from ..stored import WHOLE, instants_stored, whole_stored  # noqa: TID252  (three folders share it)


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_are_one_in_every_type(numbers):
    """64 and 128 bits, decimals and text: none of them goes through a float."""
    expected = [None if number is None else str(number) for number in numbers]

    for column in whole_stored(numbers):
        assert spelt(column).to_list() == expected, column.dtype


@given(st.lists(st.integers(-(2**53), 2**53), min_size=1))
def test_whole_floats_are_whole_numbers(numbers):
    column = pl.Series(numbers, dtype=pl.Float64)

    assert spelt(column).to_list() == [str(number) for number in numbers]
    assert value_hash(column).tolist() == value_hash(pl.Series(numbers)).tolist()


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_equal_numbers_have_one_hash(numbers):
    expected = value_hash(pl.Series(numbers, dtype=pl.Int64)).tolist()

    for column in whole_stored(numbers):
        assert value_hash(column).tolist() == expected, column.dtype


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_float_is_spelt_so_that_it_is_read_back(numbers):
    words = spelt(pl.Series(numbers, dtype=pl.Float64))

    assert not words.str.contains("e").any()
    assert [float(word) for word in words] == numbers
    assert spelt(words).to_list() == words.to_list()


@given(st.lists(st.decimals(-(10**6), 10**6, places=4), min_size=1))
def test_a_decimal_is_the_float_and_the_text_of_its_value(numbers):
    """Fractions of four digits are exact in text, and the nearest float is spelt like them."""
    decimals = pl.Series(numbers, dtype=pl.Decimal(20, 4))
    wider = decimals.cast(pl.Decimal(30, 7))

    expected = [f"{number.normalize():f}" if number else "0" for number in numbers]
    assert spelt(decimals).to_list() == expected
    assert spelt(wider).to_list() == expected
    assert spelt(decimals.cast(pl.Float64)).to_list() == expected
    assert value_hash(decimals).tolist() == value_hash(decimals.cast(pl.Float64)).tolist()


@given(st.lists(st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)), min_size=1))
def test_an_instant_is_one_in_every_unit_and_zone(moments):
    seconds = [moment.replace(microsecond=0) for moment in moments]
    stored = list(instants_stored(seconds))

    assert len({tuple(spelt(column)) for column in stored}) == 1
    assert len({tuple(value_hash(column)) for column in stored}) == 1


@pytest.mark.parametrize(
    "word",
    ["007", "1.10", "1e3", "+7", " 7", "7 ", "-0", "07.0", "7.00", "1,0", "0x7", "", "7.0\n"],
)
def test_text_that_no_number_is_written_as_stays_text(word):
    assert spelt(pl.Series([word])).to_list() == [word]


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["7.0", "x"]), pl.Binary])
def test_text_spells_a_whole_number_with_and_without_its_zero(kind):
    assert spelt(pl.Series(["7.0", "x", None]).cast(kind)).to_list() == ["7", "x", None]


def test_bytes_that_are_no_text_are_told_in_hexadecimal_digits():
    assert spelt(pl.Series([b"ab", b"\xff\x00", None])).to_list() == ["ab", "ff00", None]


@pytest.mark.parametrize("column", WHOLE, ids=lambda column: str(column.dtype))
def test_a_lazy_column_is_spelt_like_one_in_memory(column):
    frame = pl.LazyFrame({"x": column})

    for kind in (None, column.dtype):
        found = frame.select(spelling(pl.col("x"), kind)).collect(engine="streaming")["x"]
        assert found.to_list() == spelt(column).to_list()


@pytest.mark.parametrize(
    ("value", "word"),
    [(True, "true"), (7, "7"), (2**70, str(2**70)), (7.0, "7"), (Decimal("1.10"), "1.1"),
     (dt.datetime(2024, 1, 1, 12), "2024-01-01 12:00:00"), (dt.date(2024, 1, 1), "2024-01-01")],
)  # fmt: skip
def test_one_value_is_spelt_like_a_column_of_them(value, word):
    assert spell(value) == word


def test_words_say_true_only_beside_a_boolean():
    words = pl.Series(["1", "True", "TRUE", "yes", "0", "false"])

    assert beside(words, pl.Boolean()).to_list() == [
        "true",
        "true",
        "true",
        "yes",
        "false",
        "false",
    ]
    assert beside(words, pl.Int64()).to_list() == words.to_list()


@pytest.mark.parametrize(
    "word",
    [
        "2024-01-01T12:00:00Z",
        "2024-01-01 12:00",
        "2024-01-01T13:00:00.000+01:00",
        "2024-01-01 12:00:00",
    ],
)
def test_text_is_an_instant_beside_one(word):
    ours, theirs = side_by_side(pl.Series([dt.datetime(2024, 1, 1, 12)]), pl.Series([word]))

    assert ours.to_list() == theirs.to_list() == ["2024-01-01 12:00:00"]


@given(st.integers(-(2**63), 2**63 - 2))
def test_neighbours_stay_two_values(number):
    """As floats they would be one beyond 2^53."""
    for column in whole_stored([number, number + 1]):
        assert distinct(column).n_unique() == 2
        assert spelt(column).n_unique() == 2
        ours, theirs = side_by_side(column, pl.Series([number + 1, number + 1]))
        assert (ours == theirs).to_list() == [False, True]


def test_nanoseconds_are_told_apart_in_text():
    """They were cut off, so that no text was such an instant."""
    words = pl.Series(["2024-01-01T12:00:00.000000001", "2024-01-01 12:00:00.000000002Z"])
    instants = pl.Series([1, 2]).cast(pl.Int64) + 1_704_110_400_000_000_000
    ours, theirs = side_by_side(instants.cast(pl.Datetime("ns")), words)

    assert ours.to_list() == theirs.to_list()
    assert ours.n_unique() == 2
