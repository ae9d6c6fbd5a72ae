"""Files beside a fleet: whole or not there, in a folder of their own, on a disk or in a bucket."""

import polars as pl
import pytest

import argosy
from argosy.data.beside import Folder
from argosy.errors import BadInput, StoreError
from argosy.store.location import Location


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


def test_what_is_written_bit_by_bit_is_there_as_a_whole(fleet):
    feeds = fleet.folder("feeds")
    with feeds.writing("log.txt") as file:
        file.write(b"fair ")
        assert not feeds.holds("log.txt")
        file.write(b"wind")

    assert feeds.names() == ["log.txt"]
    assert feeds.read("log.txt") == b"fair wind"


def test_what_could_not_be_written_to_its_end_leaves_what_there_was(fleet):
    feeds = fleet.folder("feeds")
    feeds.write("log.txt", b"before")
    with pytest.raises(TypeError), feeds.writing("log.txt") as file:
        file.writelines([b"after", "what cannot be written"])

    assert feeds.names() == ["log.txt"]
    assert feeds.read("log.txt") == b"before"


def test_a_folder_in_a_store_without_disk_is_written_alike(tmp_path):
    """As in a bucket, where a file is put as a whole."""
    feeds = Folder(Location(f"memory://{tmp_path.name}"), "feeds")
    with feeds.writing("log.txt") as file:
        file.write(b"fair ")
        assert feeds.names() == []
        file.write(b"wind")
    with pytest.raises(TypeError), feeds.writing("other.txt") as file:
        file.write("what cannot be written")

    assert feeds.names() == ["log.txt"]
    assert feeds.read("log.txt") == b"fair wind"


def test_a_file_that_cannot_be_begun_is_told_by_its_url(fleet):
    fleet.folder("feeds").write("monday", b"")
    told = pytest.raises(StoreError, match=r"cannot write .*feeds/monday/log")
    with told, fleet.folder("feeds/monday").writing("log"):
        pass


def test_upkeep_leaves_it_alone(fleet):
    feeds = fleet.folder("feeds")
    feeds.write("monday.txt", b"fair")
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert feeds.names() == ["monday.txt"]
