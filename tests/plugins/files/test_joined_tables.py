"""CSV files of one header, read as few large ones: each gives what it gives by itself."""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from argosy.plugins import installed
from argosy_files import joined
from argosy_files.joined_tables import joined_tables

BODIES = st.lists(
    st.lists(st.sampled_from(["1", "x", ",", ",", "\n", "\r\n", '"', "\n\n", " ", "\r", "é"])).map(
        "".join
    ),
    min_size=1,
    max_size=5,
)


def written(folder, bodies, header="a,b\n"):
    paths = []
    for number, body in zip(count(), bodies):
        paths.append(f"{folder}/{number}.csv")
        Path(paths[-1]).write_bytes((header + body).encode())
    return paths


@settings(max_examples=200)
@given(BODIES, st.sampled_from(["a,b\n", "a\n", "a,b\r\n", "\ufeffa,b\n"]), st.booleans())
def test_files_read_as_one_give_what_each_gives_alone(bodies, header, tiny):
    """Empty lines, lines without an end, and quotes that hold lines or are never closed."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(joined, "_BATCH", 4 if tiny else joined._BATCH)
        paths = written(folder, bodies, header)
        scan = installed().sources["csv"].scan_text
        try:
            alone = [scan(path, {}).collect() for path in paths]
        except pl.exceptions.PolarsError:  # each of them is read by itself then
            return
        rows = joined_tables(paths, header.encode(), ",", "path").collect()

    for path, own in zip(paths, alone, strict=True):
        assert_frame_equal(own, rows.filter(pl.col("path") == path).drop("path"))


def test_a_filter_and_columns_are_those_that_were_asked_for(tmp_path):
    paths = written(tmp_path, ["1,x\n2,y\n", "", "3,x\n"])
    rows = joined_tables(paths, b"a,b\n", ",", "path")

    assert [("3", paths[2]), ("1", paths[0])] == rows.filter(b="x").select(
        "a", pl.col("path").cast(pl.String)
    ).collect().sort("a", descending=True).rows()
    assert [paths[0]] * 2 + [paths[2]] == rows.collect()["path"].to_list()
    assert [("1",), ("2",)] == rows.select("a").head(2).collect().rows()
    assert rows.select("path").collect().height == 3


def test_a_file_with_values_of_several_lines_does_not_hold_up_others(tmp_path, monkeypatch):
    monkeypatch.setattr(joined, "_BATCH", 1)
    paths = written(tmp_path, ["1,x\n", '2,"y\nz"\n', "3,x\n"])
    rows = joined_tables(paths, b"a,b\n", ",", "path").collect()

    assert ["x", "y\nz", "x"] == rows["b"].to_list()
    assert paths == rows["path"].to_list()


def test_large_files_are_left_to_the_engine(tmp_path, monkeypatch):
    monkeypatch.setattr(joined, "_LARGE", 4)
    paths = written(tmp_path, ["1,x\n", "2,y\n"])
    (group,) = installed().sources["csv"].scan_files(paths, {}, "path")

    assert paths == group.rows.collect()["path"].to_list()
