"""The suite for sources notices each fault, by the test that names it."""

import polars as pl
import pytest

from argosy.testing.sources import SourceSuite
from argosy.types import Source

from .faults import failed


@pytest.mark.parametrize(
    ("scan", "noticed"),
    [
        (lambda url, options: pl.read_parquet(url), "a_table_is_opened_lazily"),
        (lambda url, options: pl.scan_parquet(url).tail(-1), "the_rows_come_back"),
        (lambda url, options: pl.scan_parquet(url).fill_null(0), "the_rows_come_back"),
        (
            lambda url, options: (
                pl.scan_parquet(url) if url.endswith("table.parquet") else pl.LazyFrame()
            ),
            "what_is_missing_raises",
        ),
    ],
)
def test_a_faulty_source_is_noticed(scan, noticed, tmp_path):
    class Suite(SourceSuite):
        name, suffix = "own", ".parquet"
        source = Source("own", (".parquet",), scan)

        def write(self, frame, path):
            frame.write_parquet(path)

    assert failed(Suite, tmp_path, noticed)


@pytest.mark.parametrize(
    "columns",
    [
        lambda url, options: {"number": pl.Int64()},
        lambda url, options: pl.read_parquet_schema(url.replace("absent", "table")),
    ],
    ids=["others than are read", "of what is not there"],
)
def test_a_source_that_tells_columns_wrongly_is_noticed(columns, tmp_path):
    class Suite(SourceSuite):
        name, suffix = "own", ".parquet"
        source = Source(
            "own", (".parquet",), lambda url, options: pl.scan_parquet(url), columns=columns
        )

        def write(self, frame, path):
            frame.write_parquet(path)

    assert failed(Suite, tmp_path, "its_columns_are_told_as_they_are_read")


@pytest.mark.parametrize("stands", [pl.Int64(), pl.Float64(), pl.String()])
@pytest.mark.parametrize("sound", [True, False])
def test_a_format_without_booleans_may_have_numbers_or_words_for_them(stands, sound, tmp_path):
    class Suite(SourceSuite):
        name, suffix, keeps_types = "own", ".parquet", False
        source = Source("own", (".parquet",), lambda url, options: pl.scan_parquet(url))

        def write(self, frame, path):
            known = pl.col("known") if sound else ~pl.col("known")
            frame.with_columns(known.cast(stands)).write_parquet(path)

    assert bool(failed(Suite, tmp_path, "the_rows_come_back")) != sound
