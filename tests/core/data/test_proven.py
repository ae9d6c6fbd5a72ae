"""What was read soundly is known until its bytes, its binding or what is asked of it change."""

import os

import polars as pl
import pytest

from argosy.data import proven
from argosy.data.fingerprints import FILES, listed
from argosy.data.proven import UNPROVEN, Proofs, read_soundly, unproven, urls_unproven
from argosy.store.location import Location


@pytest.fixture
def location(tmp_path):
    return Location(str(tmp_path / "fleet"))


@pytest.fixture
def units(tmp_path):
    """Two models with a file each."""
    for name in "ab":
        pl.DataFrame({"x": [1]}).write_parquet(tmp_path / f"{name}.parquet")
    bindings = [
        {"url": str(tmp_path / f"{name}.parquet"), "key": None, "copy": None} for name in "ab"
    ]
    return pl.DataFrame({"model": ["a", "b"], "binding": bindings})


def numbers(units, location, also=(), proofs=None):
    files = listed(location, units["binding"].struct.field("url"))
    return unproven(units, ["binding"], also, files, proofs)


def read(units, location):
    """Carry out a run over units, all of which is read soundly."""
    proofs = Proofs(location)
    proofs.add(read_soundly(numbers(units, location).to_arrow(), []))
    proofs.save()


def left(units, location, **more):
    """Which models are not proven, in another process."""
    found = numbers(units, location, proofs=Proofs(location), **more)
    return found.filter(pl.col(UNPROVEN).list.len() > 0)["model"].to_list()


def test_nothing_is_known_of_a_new_fleet(units, location):
    assert left(units, location) == ["a", "b"]


def test_what_was_read_is_known_by_other_processes(units, location):
    read(units.head(1), location)

    assert left(units, location) == ["b"]
    assert urls_unproven(numbers(units, location, proofs=Proofs(location)).to_arrow()) == {
        units["binding"][1]["url"]
    }


def test_bytes_that_were_written_anew_are_not(units, location):
    read(units, location)
    file = units["binding"][0]["url"]

    os.utime(file, (1, 1))

    assert left(units, location) == ["a"]


def test_another_binding_or_other_columns_are_not(units, location):
    read(units, location)
    other = units.with_columns(pl.col("binding").struct.with_fields(key=pl.lit("k")))

    assert left(other, location) == ["a", "b"]
    assert left(units, location, also={"y"}) == ["a", "b"]


def test_a_copy_of_ours_makes_no_difference(units, location):
    """Whether a table is copied depends on who else is selected."""
    read(units, location)
    copied = units.with_columns(pl.col("binding").struct.with_fields(copy=pl.lit("/copy")))

    assert left(copied, location) == []


def test_a_unit_whose_file_could_not_be_read_is_not(units, location):
    proofs = Proofs(location)
    chunk = numbers(units, location).to_arrow()

    proofs.add(read_soundly(chunk, [units["binding"][0]["url"]]))
    proofs.save()

    assert left(units, location) == ["a"]


def test_a_unit_is_known_by_each_of_its_bindings(units, location):
    """A drift check reads the reference only once; the current data by itself is no other."""
    both = units.with_columns(reference="binding")
    files = listed(location, units["binding"].struct.field("url"))
    proofs = Proofs(location)
    chunk = unproven(both, ["binding", "reference"], (), files, None)
    proofs.add(read_soundly(chunk.to_arrow(), []))
    proofs.save()

    assert left(units, location) == []


def test_a_file_without_a_time_or_tag_is_never_known(units):
    rows = [(one["url"], one["url"], 5, "") for one in units["binding"]]
    files = pl.DataFrame(rows, schema=FILES, orient="row")

    first, again = (unproven(units, ["binding"], (), files, None)[UNPROVEN] for _ in "ab")

    assert not set(first.explode()) & set(again.explode())


def test_what_has_no_files_needs_no_proof(location):
    """A database answers with rows over a protocol: there are no bytes that are decoded here."""
    binding = {"url": "shop.sqlite?table=t", "key": None, "copy": None}
    units = pl.DataFrame({"model": ["a"], "binding": [binding]})

    assert left(units, location) == []


def test_a_fleet_keeps_so_many_numbers_the_latest(location, monkeypatch):
    monkeypatch.setattr(proven, "_MOST", 3)
    proofs = Proofs(location)

    for start in (0, 2, 4):
        proofs.add(pl.Series([start, start + 1], dtype=pl.UInt64))
        proofs.save()

    assert Proofs(location)._kept().to_list() == [3, 4, 5]


def test_two_runs_at_once_keep_what_both_have_read(location):
    one, other = Proofs(location), Proofs(location)

    one.add(pl.Series([1], dtype=pl.UInt64))
    one.save()
    other.add(pl.Series([2], dtype=pl.UInt64))
    other.save()

    assert set(Proofs(location)._kept()) == {1, 2}


@pytest.mark.parametrize("content", [b"", b"no table", None])
def test_losing_them_costs_one_trial_and_nothing_else(units, location, tmp_path, content):
    read(units, location)
    kept = tmp_path / "fleet/read/proven.arrow"

    kept.unlink() if content is None else kept.write_bytes(content)

    assert left(units, location) == ["a", "b"]
    read(units, location)
    assert left(units, location) == []


def test_a_store_that_takes_no_writes_is_no_fault(units, tmp_path):
    (tmp_path / "fleet").write_text("a file, where a folder should be")

    read(units, Location(str(tmp_path / "fleet")))
