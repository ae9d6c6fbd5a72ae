"""Whether the data of a run is still what it was, without reading it."""

import os
from dataclasses import replace

import fsspec
import polars as pl
import pytest

from argosy.data import fingerprints
from argosy.data.fingerprints import FILES, changes, lying
from argosy.store.location import Location


@pytest.fixture
def location(tmp_path):
    return Location(str(tmp_path / "fleet"))


def units(*urls, column="binding"):
    return pl.DataFrame({column: [{"url": str(url)} for url in urls]})


def at(path, seconds=1_000_000_000):
    os.utime(path, (seconds, seconds))


def test_data_that_nobody_touched_is_the_same(location, tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"abc")
    asked = (location, units(tmp_path / "a.parquet", tmp_path / "a.parquet"), ["binding"])

    assert lying(*asked).select("file", "size").rows() == [(str(tmp_path / "a.parquet"), 3)]
    assert changes(lying(*asked), lying(*asked)) == []


def test_every_way_of_changing_is_told_by_the_file(location, tmp_path):
    for name in ("longer", "touched", "gone"):
        (tmp_path / f"{name}.csv").write_bytes(b"abc")
        at(tmp_path / f"{name}.csv")
    asked = (location, units(tmp_path / "*.csv"), ["binding"])
    before = lying(*asked)
    (tmp_path / "longer.csv").write_bytes(b"abcdef")
    at(tmp_path / "touched.csv", 1_000_000_001)
    (tmp_path / "gone.csv").unlink()
    (tmp_path / "new.csv").write_bytes(b"")

    assert changes(before, lying(*asked)) == [
        f"{tmp_path}/gone.csv is no longer there",
        f"{tmp_path}/longer.csv has 6 bytes, had 3",
        f"{tmp_path}/new.csv is new",
        f"{tmp_path}/touched.csv was written anew",
    ]


def test_a_folder_is_its_files(location, tmp_path):
    (tmp_path / "rows" / "deep").mkdir(parents=True)
    (tmp_path / "rows" / "deep" / "a.parquet").write_bytes(b"abc")
    found = lying(location, units(tmp_path / "rows"), ["binding"])

    assert found["file"].to_list() == [f"{tmp_path}/rows/deep/a.parquet"]


def test_a_delta_table_is_its_version(location, tmp_path):
    """Its files may be gathered and its log summed up; a commit is what changes its rows."""
    url = tmp_path / "table"
    for _ in range(2):
        pl.DataFrame({"a": [1]}).write_delta(str(url), mode="append")
    asked = (location, units(url), ["binding"])
    before = lying(*asked)
    pl.DataFrame({"a": [2]}).write_delta(str(url), mode="append")

    assert before.rows() == [(str(url), str(url), None, "version 1")]
    assert changes(before, lying(*asked)) == [f"{url} was written anew"]


def test_only_bindings_that_are_read_count(location, tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    table = units(tmp_path / "a").with_columns(reference="binding", model=pl.lit("m"))

    assert lying(location, table, []).equals(pl.DataFrame(schema=FILES))
    assert lying(location, table, ["model", "nothing"]).is_empty()
    assert lying(location, table, ["reference"]).height == 1


def test_what_cannot_be_listed_is_never_said_to_have_changed(location, tmp_path):
    some = units("nowhere://x/y", tmp_path / "missing.parquet", "odd\x00name")
    found = lying(
        location, some.vstack(pl.DataFrame({"binding": [None]}, some.schema)), ["binding"]
    )

    assert found.is_empty()


def test_many_files_of_a_folder_are_listed_at_once(location, tmp_path, monkeypatch):
    """A request per file would take minutes on an object store."""
    paths = [tmp_path / f"m{number}.parquet" for number in range(fingerprints._MANY)]
    for path in paths:
        path.write_bytes(b"abc")
    single = lying(location, units(*paths[:-1]), ["binding"])
    asked = []
    local = fsspec.filesystem("file")
    listing = type(local).ls
    monkeypatch.setattr(
        type(local), "ls", lambda *given, **how: asked.append(given) or listing(*given, **how)
    )
    together = lying(location, units(*paths), ["binding"])

    assert len(asked) == 1
    assert together.height == len(paths)
    assert together.head(-1).sort("file").equals(single.sort("file"))


def test_memory_and_other_stores_are_asked_in_their_own_words(location):
    store = fsspec.filesystem("memory")
    store.pipe_file("/unchanged/a.parquet", b"abc")
    let_in = replace(location, roots=("memory://unchanged",))
    asked = (let_in, units("memory://unchanged/a.parquet"), ["binding"])
    before = lying(*asked)
    store.pipe_file("/unchanged/a.parquet", b"abd")

    assert changes(before, before) == []
    assert changes(before, lying(*asked)) == ["/unchanged/a.parquet was written anew"]
