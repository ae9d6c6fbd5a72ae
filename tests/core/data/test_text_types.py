"""A column of text has the type that all of its values have."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.data.text_tables import typed_table
from argosy.data.text_types import Spelling, facts

NAMES = Spelling(names=frozenset({"x"}))
LABELS = Spelling(labels=frozenset({"x"}))


def read(values, spelling=None):
    text = pl.LazyFrame({"x": pl.Series(values, dtype=pl.String)})
    return typed_table(text, spelling or Spelling()).collect()["x"]


@pytest.mark.parametrize(
    ("values", "found", "kind"),
    [
        (["1", "2"], [1, 2], pl.Int64),
        ([" 1", "+2", "n/a", None], [1, 2, None, None], pl.Int64),
        (["007", "8"], [7, 8], pl.Int64),
        (["1"] * 120 + ["1.5"], [1.0] * 120 + [1.5], pl.Float64),
        (["1e3", ".5", "2."], [1000.0, 0.5, 2.0], pl.Float64),
        (["inf", "1"], [float("inf"), 1.0], pl.Float64),
        ([str(2**63), "1"], [2**63, 1], pl.Int128),
        (["1" * 50], [float("1" * 50)], pl.Float64),
        (["true", "False"], [True, False], pl.Boolean),
        (["true", "NA"], ["true", "NA"], pl.String),
        (["true", "1"], ["true", "1"], pl.String),
        (["NA", "DE"], ["NA", "DE"], pl.String),
        (["NA", "-"], ["NA", "-"], pl.String),
        ([None, None], [None, None], pl.Null),
        (["3 kg", "4"], ["3 kg", "4"], pl.String),
        (["1,5", "2"], ["1,5", "2"], pl.String),
        ([], [], pl.Null),
    ],
)
def test_a_column_is_of_numbers_however_they_are_spelt(values, found, kind):
    column = read(values)

    assert found == column.to_list()
    assert kind == column.dtype


@pytest.mark.parametrize("word", ["NA", "n/a", "N/A", "null", "None", "nil", "-", "--", "", " "])
def test_among_numbers_a_word_for_nothing_is_missing(word):
    assert [1.5, None] == read(["1.5", word]).to_list()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "20", None], pl.Int64),
        (["007", "8"], pl.String),
        (["1.10"], pl.String),
        (["1.0", "2.0"], pl.String),
        (["1", " 2"], pl.String),
        (["1", "+2"], pl.String),
        (["1", "NA"], pl.String),
        (["true"], pl.String),
        ([str(2**70)], pl.String),
    ],
)
def test_what_names_something_stays_as_it_is_written(values, kind):
    column = read(values, NAMES)

    assert kind == column.dtype
    assert values == column.cast(pl.String).to_list()


def test_labels_with_zeros_in_front_are_text():
    assert ["007", "8"] == read(["007", "8"], LABELS).to_list()
    assert [7, 8] == read(["7", "8"], LABELS).to_list()
    assert [1.1, 2.5] == read(["1.10", "2.5"], LABELS).to_list()


@pytest.mark.parametrize(
    ("decimal", "values", "found"),
    [
        (",", ["1,5", "2"], [1.5, 2.0]),
        (",", ["1.234,5", "1.234", "12 345"], [1234.5, 1234.0, 12345.0]),
        (",", ["1.5"], ["1.5"]),
        (",", [",5", "n/a"], [0.5, None]),
        (".", ["1,234.5", "12'345"], [1234.5, 12345.0]),
        (".", ["1,5"], ["1,5"]),
    ],
)
def test_a_mark_for_decimals_that_is_named_says_which_one_parts_thousands(decimal, values, found):
    """And a number with the other mark is none, so that nothing is read a thousandfold."""
    assert found == read(values, Spelling(decimal=decimal)).to_list()


def test_words_for_nothing_can_be_named_in_every_column():
    spelling = Spelling(nulls=("-999", "miss"))

    assert [None, 2] == read(["-999", "2"], spelling).to_list()
    assert [None, "b"] == read(["miss", "b"], spelling).to_list()


VALUES = st.sampled_from(
    [
        *("1", "2.5", "007", " 3", "+4", "n/a", None, "", "x", "true", "False", "1e3", "NaN", "-"),
        *("1,5", str(2**63), "9" * 40),
    ]
)


@settings(max_examples=200)
@given(
    files=st.lists(st.lists(VALUES, min_size=1, max_size=6), min_size=1, max_size=6),
    role=st.sampled_from([Spelling(), NAMES, LABELS]),
)
def test_many_files_have_the_types_that_each_has_alone(files, role):
    owners = np.repeat(np.arange(len(files)), [len(values) for values in files])
    text = pl.Series("x", [value for values in files for value in values], pl.String)
    together = facts(text, owners, len(files), role).kinds("x", role)
    alone = [
        int(facts(own, np.zeros(len(own), np.int64), 1, role).kinds("x", role)[0])
        for own in (pl.Series("x", values, pl.String) for values in files)
    ]

    assert alone == together.tolist()


def test_labels_that_no_number_holds_are_text():
    """As floats 10^50 and 10^50 + 1 were one class: accuracy 1.0."""
    values = [str(10**50), str(10**50 + 1)]

    assert values == read(values, LABELS).to_list()
    assert [10**38 // 10, 1] == read([str(10**38 // 10), "1"], LABELS).to_list()


def test_a_column_without_a_value_has_no_type():
    """As text it was refused where numbers are expected; what names something is always text."""
    assert read([None, None]).dtype == pl.Null
    assert read(["-999", None], Spelling(nulls=("-999",))).dtype == pl.Null
    assert read([None, None], NAMES).dtype == pl.String
