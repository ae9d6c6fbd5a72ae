"""What was acknowledged is on the platter, in the order that a power cut demands."""

import os
from pathlib import Path

import pytest

import argosy
from argosy.errors import StoreError
from argosy.store import durable
from argosy.store.location import Location


@pytest.fixture
def calls(monkeypatch):
    """Record what is synced and named, as the system is asked for it."""
    made = []
    fsync, link, replace = os.fsync, os.link, Path.replace

    def synced(handle):
        made.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        fsync(handle)

    def linked(source, target, **options):
        made.append(("name", str(target)))
        link(source, target, **options)

    def replaced(source, target):
        made.append(("name", str(target)))
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    monkeypatch.setattr(Path, "replace", replaced)
    return made


def places(calls, kind, ending):
    return [at for at, (what, path) in enumerate(calls) if what == kind and path.endswith(ending)]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc on this system")
def test_rows_are_synced_before_their_entry_is_named_and_the_folder_before_the_answer(
    tmp_path, calls
):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a"], "version": ["1"]})
    del calls[:]
    fleet.tag({"model": ["a"]}, {"b": "c"})

    rows_synced, entry_synced = places(calls, "sync", ".part")
    (rows_named,) = places(calls, "name", ".parquet")
    (table_synced,) = places(calls, "sync", "/ledger")
    (entry_named,) = places(calls, "name", ".json")
    (log_synced,) = places(calls, "sync", "/_delta_log")
    assert rows_synced < rows_named < table_synced < entry_named < log_synced
    assert entry_synced < entry_named


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc on this system")
def test_the_names_of_new_folders_are_synced_too(tmp_path, calls):
    location = Location(str(tmp_path))
    durable.write(location, location.child("a", "b", "c.txt"), b"x")

    synced = [path for what, path in calls if what == "sync"]
    assert {str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a/b")} <= set(synced)


def test_syncing_can_be_traded_away_by_name(tmp_path, calls, monkeypatch):
    monkeypatch.setenv("ARGOSY_SYNC", "off")
    argosy.open(str(tmp_path / "fleet"), create=True).register({"model": ["a"], "version": ["1"]})

    assert not [path for what, path in calls if what == "sync"]


def test_a_file_is_published_once(tmp_path):
    location = Location(str(tmp_path))
    durable.publish(location, location.child("x"), b"first")

    with pytest.raises(FileExistsError):
        durable.publish(location, location.child("x"), b"second")
    assert (tmp_path / "x").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    location = Location(str(tmp_path))

    with pytest.raises(StoreError, match="cannot write .*file/x.*check space and rights"):
        durable.write(location, location.child("file", "x"), b"")
