"""Files beside a fleet: whole or not there, in a folder of their own, on a disk or in a bucket."""

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, StoreError


@pytest.fixture
def fleet(tmp_path):
    return argosy.open(str(tmp_path / "fleet"), create=True)


def test_what_was_written_is_read(fleet):
    feeds = fleet.folder("feeds/2026-11-29")
    feeds.write("notes.txt", b"fair wind")
    feeds.write("notes.txt", b"foul wind")
    feeds.write_table("a.parquet", pl.DataFrame({"client": ["c1"]}))
    feeds.write_table("b.parquet", pl.DataFrame({"client": ["c2"]}), row_group_size=1)

    assert ["a.parquet", "b.parquet", "notes.txt"] == feeds.names()
    assert b"foul wind" == feeds.read("notes.txt")
    assert {"c1", "c2"} == set(feeds.scan().collect()["client"])
    assert feeds.holds("a.parquet")
    assert not feeds.holds("c.parquet")


def test_a_folder_without_files_is_not_there(fleet):
    assert fleet.folder("feeds").names() == []
    with pytest.raises(StoreError, match=r"cannot read .*feeds/monday"):
        fleet.folder("feeds").read("monday")


@pytest.mark.parametrize("name", ["../feeds", "", "feeds/..", "a//b", "fe\neds"])
def test_no_folder_leads_out_of_the_fleet(fleet, name):
    with pytest.raises(BadInput):
        fleet.folder(name)


@pytest.mark.parametrize("name", ["../x", "a/b", "", "..", "."])
def test_no_file_leads_out_of_its_folder(fleet, name):
    with pytest.raises(BadInput, match="cannot name a file"):
        fleet.folder("feeds").write(name, b"")


@pytest.mark.parametrize("name", ["ledger", "state", "drift", "staged", "artifacts", "predicted"])
def test_what_the_fleet_has_for_itself_is_nobodys_folder(fleet, name):
    with pytest.raises(BadInput, match="the fleet's own"):
        fleet.folder(name)


def test_upkeep_leaves_it_alone(fleet):
    feeds = fleet.folder("feeds")
    feeds.write("monday.txt", b"fair")
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert feeds.names() == ["monday.txt"]
