"""Columns of Parquet files, told by footers that are those of another file to the byte."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy_files import footers
from argosy_files.footers import Footers
from argosy_files.scanning import PARQUET

KINDS = {
    "int": pl.Int64,
    "small": pl.Int32,
    "unsigned": pl.UInt64,
    "text": pl.String,
    "category": pl.Categorical,
    "enum": pl.Enum(["1", "2"]),
    "null": pl.Null,
    "time": pl.Datetime("us"),
    "zoned": pl.Datetime("us", "UTC"),
    "coarse": pl.Datetime("ms"),
    "list": pl.List(pl.Int64),
    "struct": pl.Struct({"a": pl.Int64}),
    "decimal": pl.Decimal(9, 2),
    "flag": pl.Boolean,
}
COLUMNS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(KINDS))), max_size=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("footers")


@settings(max_examples=100)
@given(st.lists(st.tuples(COLUMNS, st.integers(0, 3)), min_size=2, max_size=5))
def test_the_columns_of_each_file_are_those_the_engine_tells(folder, tables):
    """Names, order, types, units, zones: whatever differs, in files of any length."""
    asked = PARQUET.reader()
    for number, (columns, rows) in enumerate(tables):
        schema = {name: KINDS[kind] for name, kind in columns}
        path = folder / f"{number}.parquet"
        empty = pl.DataFrame(schema=schema)
        frame = empty.select(pl.all().extend_constant(None, rows)) if schema else empty
        frame.write_parquet(path)
        expected = pl.read_parquet_schema(path)

        assert list(expected.items()) == list(asked(str(path)).items())


def counted(paths):
    """Ask for the columns of files; how often the engine was asked."""
    seen = []
    known = Footers(lambda path: seen.append(path) or pl.read_parquet_schema(path))
    for path in paths:
        assert pl.read_parquet_schema(path) == known.columns(str(path))
    return len(seen)


def test_files_of_one_writer_are_asked_once(tmp_path):
    paths = [tmp_path / f"{number}.parquet" for number in range(20)]
    for number, path in enumerate(paths):
        pl.DataFrame({"a": range(number), "b": [str(number)] * number}).write_parquet(path)

    assert counted(paths) <= 2  # nothing is said of the values of no rows


def test_long_footers_are_read_whole(tmp_path):
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for path in paths:
        pl.DataFrame({f"column {number}": [1.5] for number in range(300)}).write_parquet(path)

    assert paths[0].stat().st_size > footers._FIRST
    assert counted(paths) == 1


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1", b"\0" * 20])
def test_what_has_no_footer_is_left_to_the_engine(content, tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(content)

    with pytest.raises(LookupError):
        Footers(lambda _: {}["asked"]).columns(str(path))


@given(st.binary(max_size=40))
def test_no_bytes_are_taken_for_a_footer_that_cannot_be_followed(content):
    parts = footers._parted(content)

    assert parts is None or (content.startswith(parts[0]) and content.endswith(parts[1]))
