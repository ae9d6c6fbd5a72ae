"""How files are written: what a binding may say of it, and what it may not."""

import polars as pl
import pytest

from argosy.errors import RowsRefused
from argosy.registry.writing import explained, source_of

CSV = {"format": "csv", "separator": None, "encoding": None}


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (
            {"separator": ";;"},
            "the separator ';;' is not one ASCII character; name one such as ','",
        ),
        ({"separator": "§"}, "the separator '§' is not one ASCII character"),
        ({"separator": "a"}, "the separator 'a' separates nothing"),
        ({"separator": '"'}, "the separator '\"' separates nothing"),
        ({"encoding": "latin-99"}, "no encoding is called 'latin-99'; name one such as utf-8"),
        ({"encoding": "base64"}, "no encoding is called 'base64'"),
        ({"decimal": ";"}, r"the decimal ';' is none; name '\.' or ','"),
        (
            {"separator": ";", "format": "parquet"},
            "parquet files have no separator; formats that have one: csv",
        ),
        (
            {"encoding": "latin-1", "format": "arrow"},
            "arrow files have no encoding; formats that have one: csv, jsonl",
        ),
    ],
)
def test_a_way_of_writing_that_there_is_not_is_refused(empty, tmp_path, named, told):
    path = tmp_path / "log.csv"
    path.write_text("t,p\n1,1\n")
    with pytest.raises(RowsRefused, match=told):
        empty.bind([{"role": "holdout", "url": str(path), **named}])


def test_what_a_binding_says_is_kept(empty, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("t;p\n1,5;1\n")
    named = {"separator": ";", "encoding": "latin-1", "decimal": ",", "nulls": ["-999"]}
    empty.bind([{"role": "holdout", "url": str(path), "truth": "t", **named}])

    assert named == empty.bindings().select(*named).collect().row(0, named=True)


def test_a_source_is_that_of_the_writing(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("a~b\n1~2\n")

    assert ["a~b"] == source_of(CSV).scan(str(path), {}).collect_schema().names()
    named = source_of({**CSV, "separator": "~"})
    assert {"a": pl.Int64, "b": pl.Int64} == named.scan(str(path), {}).collect_schema()


def test_what_no_source_explains_is_told_in_the_engines_first_line(empty):
    binding = {**CSV, "url": "log.csv"}

    assert "what it said" == explained(binding, empty.location, ValueError("what it said\nmore"))
    assert "ValueError" == explained(binding, empty.location, ValueError())


def test_a_zone_that_is_none_is_told_in_our_words(empty):
    """Parquet may name an offset as its zone, which the engine does not read."""
    error = ValueError("unable to parse time zone: '+05:30'. Please check")
    told = explained({**CSV, "url": "x.csv"}, empty.location, error)

    assert told.startswith("a time has the zone '+05:30', which the database of time zones does")
