"""The numbers of a column, whatever type it has."""

import polars as pl
import pytest

from argosy.kernels.numbers import as_arrays_hold, number, numbers


@pytest.mark.parametrize(
    "kind", [pl.String, pl.Categorical, pl.Binary, pl.Enum(["7", " 0.5", "x"])]
)
def test_text_says_its_numbers_in_whatever_type_it_is_stored(kind):
    column = pl.Series(["7", " 0.5", "x", None]).cast(kind)

    assert [7.0, 0.5, None, None] == numbers(column).to_list()


@pytest.mark.parametrize("kind", [pl.Int128, pl.Decimal(20, 2), pl.UInt8, pl.Float32])
def test_numbers_are_floats(kind):
    found = numbers(pl.Series([7, 0, None]).cast(kind))

    assert pl.Float64 == found.dtype
    assert [7.0, 0.0, None] == found.to_list()


def test_words_for_true_and_false_are_what_booleans_are():
    flags = pl.Series([True, False])

    assert numbers(flags).equals(numbers(pl.Series(["True", "false"])))


def test_an_expression_reads_several_columns():
    table = pl.DataFrame({"plays": [" 7"], "wins": ["3.0"]})

    assert [(7.0, 3.0)] == table.select(number(pl.col("plays", "wins"))).rows()


def test_other_columns_of_a_table_stay_what_they_are():
    table = pl.DataFrame({"x": pl.Series([2**70], dtype=pl.Int128), "word": ["a"], "n": [1]})

    assert [pl.Float64, pl.String, pl.Int64] == as_arrays_hold(table).dtypes
