"""How often each group has each text."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.category_counts import tallied

SHORT = st.sampled_from(["", "a", "b", "ab", "\0", "\0\0", "twelve bytes", "ü", None])
LONG = st.sampled_from(["thirteen byte", "thirteen bytf", "a", "", "thirteen byte" * 9, None])
ANY = st.one_of(st.none(), st.text(max_size=14))


def rows_of(found):
    ends = np.cumsum(found.many)
    texts, counts = found.texts.to_list(), found.counts.tolist()
    return [
        list(zip(texts[end - many : end], counts[end - many : end], strict=True))
        for end, many in zip(ends, found.many, strict=True)
    ]


@pytest.mark.parametrize("texts", [SHORT, LONG, ANY], ids=["short", "long", "any"])
def test_texts_are_counted_as_python_counts_them(texts):
    """In the order in which they come; null is one of them, whatever lies in its place."""

    @given(st.lists(st.lists(texts, max_size=30), min_size=1, max_size=6), st.booleans())
    def holds(groups, cut):
        parts = [pl.Series(group, dtype=pl.String) for group in groups]
        column = pl.concat(parts, rechunk=not cut)
        found = tallied(column, np.array([len(group) for group in groups], np.int64))

        assert [list(Counter(group).items()) for group in groups] == rows_of(found)

    holds()


def test_a_slice_of_a_column_is_counted_from_its_own_first_row():
    """Arrow shares the memory of slices, so that their rows begin somewhere in the middle."""
    column = pl.Series(["x", None, "y", "x", "y", None])[1:5]

    assert [[(None, 1), ("y", 2), ("x", 1)]] == rows_of(tallied(column, np.array([4])))


def test_what_was_there_before_it_became_null_is_not_counted():
    column = pl.Series(["x", "y", "x"])
    hidden = column.to_frame("x").select(pl.when(pl.col("x") == "x").then("x")).to_series()

    assert [[("x", 2), (None, 1)]] == rows_of(tallied(hidden, np.array([3])))


def test_ten_thousand_different_texts_are_kept_apart():
    """More than any table of slots holds without collisions."""
    texts = [f"id {number:07}" + "-" * (number % 9) for number in range(10_000)]
    found = tallied(pl.Series(texts * 2), np.array([10_000, 10_000]))

    assert [10_000, 10_000] == found.many.tolist()
    assert texts * 2 == found.texts.to_list()
    assert {1} == set(found.counts.tolist())
