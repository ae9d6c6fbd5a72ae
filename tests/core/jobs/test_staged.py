"""Staging: what chunks found waits beside the fleet until it is committed."""

import polars as pl
import pyarrow as pa
import pytest

from argosy.errors import ArgosyWarning, StoreError
from argosy.jobs.staged import Staged, stage
from argosy.store import blobs
from argosy.store.facts import STAGED_FOLDER
from argosy.store.location import Location


@pytest.fixture
def location(tmp_path):
    return Location(str(tmp_path / "fleet"))


def put(location, staged, chunk, **tables):
    rows = {name: pa.table({"number": numbers}) for name, numbers in tables.items()}
    staged.add(chunk, stage(rows, location, "run", chunk))


def test_tables_come_back_in_the_order_of_the_plan_whatever_finished_first(location):
    """Halves of a chunk stand in its place, and 10 comes after 9."""
    staged = Staged(location, "run")
    put(location, staged, "10", drift=[5])
    put(location, staged, "9.1", drift=[4])
    put(location, staged, "0", drift=[1, 2], units=[7])
    put(location, staged, "9.0", drift=[3])

    assert staged["drift"]["number"].to_list() == [1, 2, 3, 4, 5]
    assert [part.height for part in staged.parts("drift")] == [2, 1, 1, 1]
    assert sorted(staged) == ["drift", "units"]
    assert staged.get("incidents") is None


def test_a_table_without_rows_keeps_its_place(location):
    staged = Staged(location, "run")
    put(location, staged, "0", drift=pa.array([], pa.int64()))
    put(location, staged, "1", drift=[1])

    assert [part.height for part in staged.parts("drift")] == [0, 1]


def test_columns_that_one_chunk_lacks_are_null_there(location):
    staged = Staged(location, "run")
    put(location, staged, "0", drift=[1])
    staged.add("1", stage({"drift": pa.table({"other": ["x"]})}, location, "run", "1"))

    assert staged["drift"].rows() == [(1, None), (None, "x")]


def test_nothing_is_left_once_a_run_is_committed(fleet, tmp_path):
    fleet.check_drift()
    fleet.evaluate()

    folder = tmp_path / "fleet" / STAGED_FOLDER
    assert list(folder.iterdir()) == []


def test_a_store_that_takes_no_files_stops_the_run_and_says_so(location, tmp_path):
    """It is no fault of the chunk's models: they are not tried one by one."""
    (tmp_path / "fleet").write_text("a file where a folder should be")
    staged = Staged(location, "run")

    with pytest.raises(StoreError, match="cannot write"):
        put(location, staged, "0", drift=[1])


def test_files_that_a_killed_driver_left_are_removed_by_upkeep(fleet, tmp_path):
    location = Location(fleet.url)
    stage({"drift": pa.table({"number": [1]})}, location, "killed", "0")
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert not any(path.is_file() for path in (tmp_path / "fleet" / STAGED_FOLDER).rglob("*"))
    assert fleet.check_drift().summary["ok"] == 6


def test_no_more_than_a_chunk_is_read_at_a_time(location):
    staged = Staged(location, "run")
    for chunk in range(3):
        put(location, staged, str(chunk), drift=[chunk])
    parts = staged.parts("drift")
    first = next(parts)
    staged.clear()

    assert first.equals(pl.DataFrame({"number": [0]}))
    with pytest.raises(StoreError, match="cannot read"):
        next(parts)


def test_a_portion_reads_the_columns_that_are_asked_for(location):
    staged = Staged(location, "run")
    table = pa.table({"number": [1, 2], "other": ["a", "b"]})
    staged.add("0", stage({"drift": table}, location, "run", "0"))
    [portion] = staged.portions("drift", ["other"])

    assert portion.rows == 2
    assert portion.make().rows() == [("a",), ("b",)]


def test_what_cannot_be_cleared_is_told_of_and_fails_nothing(location, monkeypatch):
    """The run is on the ledger by then, and upkeep removes the folder later."""

    def full(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(location.filesystem()[0]), "rm", full)

    with pytest.warns(ArgosyWarning, match="Input/output error; `argosy maintain` removes it"):
        blobs.remove(location, "staged/run")
