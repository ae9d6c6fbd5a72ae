"""Tables of text get types: one table by itself, or many files at once."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from argosy.data.files import URL, of_each, taken_out
from argosy.data.text_tables import typed_files, typed_table
from argosy.data.text_types import Spelling

SPELLING = Spelling(names=frozenset({"k"}), labels=frozenset({"t"}))
CELL = st.sampled_from(["1", "2", "007", "1.5", " 3", "n/a", None, "x", "true"])
TABLES = st.lists(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=4), min_size=1, max_size=5
)


def text_of(rows):
    return pl.DataFrame(rows, schema=dict.fromkeys("ktx", pl.String), orient="row")


@settings(max_examples=150)
@given(TABLES, st.sampled_from([None, "x = '1'", "x IS NOT NULL"]))
def test_files_read_at_once_are_what_each_is_alone(files, where):
    urls = [f"f{number}" for number in range(len(files))]
    text = pl.concat(
        text_of(rows).with_columns(pl.lit(url).alias(URL))
        for url, rows in zip(urls, files, strict=True)
    )
    try:
        found = typed_files(text, taken_out(text), SPELLING, where)
    except pl.exceptions.PolarsError:  # a filter compares text with a number
        return
    met = {
        url: rows.filter(of_each(runs["value"], runs) == url)
        for runs, rows in found
        for url in runs["value"]
    }

    for url, own in met.items():
        alone = typed_table(text_of(files[urls.index(url)]).lazy(), SPELLING, where).collect()
        assert_frame_equal(alone, own, check_exact=True)
    assert where is not None or set(met) == set(urls)


@pytest.mark.parametrize("held", [True, False])
def test_a_filter_sees_numbers_in_what_names_something(held):
    """`007` is compared as 7, and handed on as it is written."""
    text = text_of([("007", "0", "1"), ("8", "1", "2.5"), ("9", "00", "3")]).lazy()
    found = typed_table(text, SPELLING, "k >= 7 AND t = 0 AND x > 0.5", held).collect()

    assert [("007", "0", 1.0), ("9", "00", 3.0)] == found.rows()


def test_a_table_that_is_not_held_in_memory_has_the_same_types():
    rows = [("1", "0", "1")] * 500 + [("2", "n/a", "1.5")]
    text = text_of(rows).lazy()

    assert_frame_equal(
        typed_table(text, SPELLING).collect(), typed_table(text, SPELLING, held=False).collect()
    )
