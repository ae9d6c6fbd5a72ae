"""A model's rows are found by its key, whatever type the table stores it as."""

import datetime as dt

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.keys import KEY, as_held, few_keys, keyed, members
from argosy.kernels.values import spelt

from ..stored import instants_stored, small_stored  # noqa: TID252  (three folders share it)


def found(column, models, key_value=None):
    """Return the keys of the rows that models have in a table with one column."""
    bound = [{"key_value": key_value}] * len(models)
    asked = pl.DataFrame({"model": models, "binding": bound}, schema_overrides=_BINDING)
    keys = keyed(asked, column.dtype)[KEY]
    return spelt(members(pl.LazyFrame({"k": column}), "k", keys).collect()["k"]).to_list()


_BINDING = {"binding": pl.Struct({"key_value": pl.String})}


@given(st.lists(st.integers(0, 100), min_size=2, max_size=6))
def test_the_same_rows_are_found_in_every_type(numbers):
    asked = [str(number) for number in numbers[::2]]
    expected = [str(number) for number in numbers if str(number) in asked]

    for column in small_stored(numbers):
        assert found(column, asked) == expected, column.dtype


def test_a_time_is_found_in_every_unit_and_zone():
    moments = [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, 12)]

    for column in instants_stored(moments):
        assert found(column, ["2024-01-01T12:00:00Z"]) == ["2024-01-01 12:00:00"]
        assert found(column, ["2024-01-01"]) == ["2024-01-01"]


@pytest.mark.parametrize("name", ["007", "1.10", "1e3", "+7"])
def test_arrow_39660_a_name_that_only_looks_like_a_number_is_text(name):
    column = pl.Series([name, "7", "1.1", "1000"])

    assert found(column, [name]) == [name]
    assert found(pl.Series([7, 1, 1000]), [name]) == []
    assert found(pl.Series([7.0, 1.1, 1000.0]), [name]) == []


@pytest.mark.parametrize("name", ["true", "True", "1"])
def test_words_that_say_true_find_a_boolean_key(name):
    assert found(pl.Series([True, False, None]), [name]) == ["true"]
    assert found(pl.Series([True, False, None]), ["m"], key_value=name) == ["true"]


def test_a_text_key_is_found_past_its_neighbours():
    """`7.0` is greater than `7` as text, and must lie within the range that is read."""
    assert found(pl.Series(["7.0", "7", "8"]), ["7"]) == ["7", "7"]


def test_keys_beyond_floats_are_told_apart():
    assert found(pl.Series([2**60, 2**60 + 1]), [str(2**60 + 1)]) == [str(2**60 + 1)]


def test_nulls_and_nan_are_nobodys():
    assert found(pl.Series([None, float("nan"), 1.0]), ["1", "NaN", "null"]) == ["1"]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [(7.0, pa.int64(), [7]), ("7.0", pa.int64(), [7]), (7, pa.string(), ["7", "7.0"]),
     ("007", pa.int64(), []), ("x", pa.float64(), []), ([1], pa.int64(), []),
     (2**64, pa.int64(), []), ("7", pa.float64(), [7.0])],
)  # fmt: skip
def test_one_value_is_written_as_its_column_holds_it(value, kind, expected):
    assert [each.as_py() for each in as_held(value, kind)] == expected


def test_a_few_keys_are_told_and_that_there_are_more():
    assert few_keys(pl.LazyFrame({"k": range(9)}), "k") == "'0', '1', '2', '3' …"
