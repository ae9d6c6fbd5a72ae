"""Upkeep cannot hurt: nothing is removed that is named, or that somebody is about to name."""

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pyarrow as pa
import pytest
from fsspec.implementations.local import LocalFileSystem
from polars.testing import assert_frame_equal

import argosy
from argosy.errors import BadInput, StoreError
from argosy.jobs.staged import Staged, stage
from argosy.store import blobs, clock, data_files, listing, log_cleanup
from argosy.store.facts import STAGED_FOLDER
from argosy.store.location import Location
from argosy.tables import FACTS
from argosy.testing.fleets import logged_fleet

FOLDERS = ("profiled", "fitted", "predicted/run", "artifacts/trained/run")
TABLES = ("ledger", "state", "drift", "verdicts", "evaluations")
HOUR = 3600


def aged(path, hours):
    """Let the store say that files were written some hours ago."""
    for one in [path, *path.rglob("*")]:
        os.utime(one, (time.time() - hours * HOUR,) * 2, follow_symlinks=False)
    return path


def stray(fleet, folder, hours):
    """Leave a file that nothing names."""
    path = Path(fleet.url, folder, f"stray-{time.time_ns()}.arrow")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"stray")
    return aged(path, hours)


def answers(fleet):
    fleet = argosy.open(fleet.url)
    return [
        fleet.verdicts().sort("model"),
        fleet.standing().sort("run_id", "model", "metric").collect(),
        fleet.drift().sort("run_id", "model", "column", "detector").collect(),
        fleet.estimates().sort("run_id", "model", "estimator", "metric").collect(),
        fleet.events().collect(),
    ]


def assert_same(before, after):
    for one, other in zip(before, after, strict=True):
        assert_frame_equal(one, other)


@pytest.fixture
def worked(tmp_path):
    """A fleet with facts of every job, all of it written long ago."""
    fleet = logged_fleet(tmp_path, models=2, rows=100, drifting={"m1"})
    for job in (fleet.evaluate, fleet.check_drift, fleet.estimate, fleet.check_drift):
        job()
    aged(tmp_path / "fleet", 5000)
    return argosy.open(fleet.url)


@pytest.mark.parametrize("nobody_writes", [False, True])
def test_nothing_that_is_named_is_removed_however_old_it_is(worked, nobody_writes):
    before = answers(worked)
    for _ in range(2):
        worked.maintain(keep_hours=0, nobody_writes=nobody_writes)

    assert_same(before, answers(worked))
    assert worked.check_drift().summary["ok"] == 2
    assert not list(Path(worked.url, "profiled").glob("*.part"))


def test_a_reader_reads_on_what_upkeep_put_together(worked):
    """What it holds open was named until now, however long ago it was written."""
    reader = worked.drift()
    rows = reader.collect().height
    worked.maintain(keep_hours=0)

    assert reader.collect().height == rows > 0


@pytest.mark.parametrize("folder", [*FOLDERS, *TABLES, "ledger/_delta_log"])
def test_what_nothing_names_goes_when_it_is_old_and_stays_while_it_is_young(worked, folder):
    name = "0.json.part" if folder.endswith("_log") else "stray.parquet"
    old, young = (Path(worked.url, folder, f"{age}-{name}") for age in ("old", "young"))
    for path in (old, young):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"stray")
    aged(old, 25)
    worked.maintain(keep_hours=0)

    assert not old.exists()
    assert young.exists()
    worked.maintain(keep_hours=0, nobody_writes=True)
    assert not young.exists()


@pytest.mark.parametrize("days", [8, -8])
def test_a_clock_that_is_days_off_removes_nothing_sooner(worked, monkeypatch, days):
    class Skewed(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    right = time.time
    young, old = (stray(worked, "profiled", hours) for hours in (1, 200))
    monkeypatch.setattr(clock, "datetime", Skewed)
    monkeypatch.setattr(time, "time", lambda: right() + days * 24 * HOUR)
    worked.maintain()

    assert young.exists()
    assert not old.exists()


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_job_wrote_that_takes_longer_than_files_are_kept_stays(worked, folder):
    """It is named when the job ends, here after four days; a job before it left the other."""
    location = Location(worked.url)
    earlier, own = stray(worked, folder, 200), stray(worked, folder, 95)
    stage({"drift": pa.table({"number": [1]})}, location, "long", "0")
    staged = aged(Path(worked.url, STAGED_FOLDER, "long"), 96)
    stage({"drift": pa.table({"number": [2]})}, location, "long", "1")
    worked.maintain(keep_hours=24)
    found = Staged(location, "long")
    found.recall()

    assert own.exists()
    assert not earlier.exists()
    assert found["drift"]["number"].to_list() == [1, 2]
    aged(staged, 30)
    worked.maintain(keep_hours=24)
    assert not own.exists()
    assert not staged.exists()


def test_rows_that_a_long_job_wrote_and_did_not_list_yet_stay(worked):
    location = Location(worked.url)
    stage({"drift": pa.table({"number": [1]})}, location, "long", "0")
    aged(Path(worked.url, STAGED_FOLDER), 96)
    stage({"drift": pa.table({"number": [2]})}, location, "long", "1")
    added = data_files.write(location, "drift", pl.DataFrame(FACTS["drift"].schema.empty_table()))
    path = aged(Path(worked.url, "drift", added["add"]["path"]), 50)
    worked.maintain(keep_hours=24)

    assert path.exists()


def test_an_artifact_that_a_model_to_be_restored_shares_with_one_that_is_gone_stays(empty):
    path = Path(empty.url, "artifacts/shared.skops")
    path.parent.mkdir()
    path.write_bytes(b"a")
    both = {"model": ["a", "b"], "version": ["1", "1"], "format": ["skops"] * 2}
    empty.register({**both, "artifact": [str(path)] * 2})
    empty.delete({"model": ["a"]}, keep_days=-1)
    empty.delete({"model": ["b"]}, keep_days=30)

    assert empty.maintain(0, nobody_writes=True)["artifacts_removed"] == 0
    assert path.exists()


def test_a_retention_is_over_when_the_store_says_so(empty, monkeypatch):
    """Not when a clock that is 40 days ahead does."""
    path = Path(empty.url, "artifacts/a.skops")
    path.parent.mkdir()
    path.write_bytes(b"a")
    empty.register({"model": ["a"], "version": ["1"], "format": ["skops"], "artifact": [str(path)]})
    empty.delete({"model": ["a"]}, keep_days=30)
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + 40 * 24 * HOUR)

    assert empty.maintain()["artifacts_removed"] == 0


@pytest.mark.parametrize("folder", [*FOLDERS, "staged", "drift", "artifacts"])
def test_nothing_outside_the_fleet_is_removed_through_a_link(worked, tmp_path, folder):
    outside = tmp_path / "outside"
    outside.mkdir()
    victim = outside / "a.skops"
    victim.write_bytes(b"a")
    aged(outside, 5000)
    where = Path(worked.url, folder)
    if where.exists():  # the whole folder is elsewhere, and a part of it is
        where.rename(tmp_path / "moved")
        (tmp_path / "moved" / "inner").symlink_to(outside, target_is_directory=True)
        where.symlink_to(tmp_path / "moved", target_is_directory=True)
        (tmp_path / "moved" / "b.arrow").write_bytes(b"b")
        aged(tmp_path / "moved", 5000)
        victims = [victim, tmp_path / "moved" / "b.arrow"]
    else:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.symlink_to(outside, target_is_directory=True)
        victims = [victim]
    if folder == "artifacts":
        named = {"format": ["skops"], "artifact": [str(where / "a.skops")]}
        worked.register({"model": ["linked"], "version": ["1"], **named})
        worked.delete({"model": ["linked"]}, keep_days=-1)
    worked.maintain(0, nobody_writes=True)

    assert all(path.exists() for path in victims)


def test_a_fleet_behind_a_link_is_tidied_up_as_any_other(worked, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(worked.url, target_is_directory=True)
    left = stray(worked, "profiled", 5000)
    before = answers(worked)
    argosy.open(str(link)).maintain()

    assert not left.exists()
    assert_same(before, answers(worked))


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_vanishes_while_it_is_looked_at_is_passed_over(worked, monkeypatch, kind):
    """A job that ends beside upkeep takes its staged files with it."""
    location = Location(worked.url)
    for chunk in range(3):
        blobs.write(location, f"{STAGED_FOLDER}/run", pa.table({"n": [chunk]}))
    left = stray(worked, "profiled", 5000)
    aged(Path(worked.url, STAGED_FOLDER), 5000)

    def scandir(path):
        found = list(os.scandir(path))
        if kind == "file":
            for entry in found[1:]:
                if STAGED_FOLDER in entry.path and entry.is_file():
                    Path(entry.path).unlink()
        elif str(path).endswith(STAGED_FOLDER) and found:
            Path(path).rename(f"{worked.url}-gone")
        return found

    monkeypatch.setattr(listing, "os", SimpleNamespace(path=os.path, scandir=scandir))
    worked.maintain()

    assert not left.exists()


def test_a_step_that_fails_is_told_and_the_others_are_done(worked):
    log_cleanup = Path(worked.url, "verdicts/_delta_log/00000000000000000000.json")
    log_cleanup.write_bytes(b"no entry")
    left = [stray(worked, folder, 5000) for folder in ("profiled", "drift")]
    kept = stray(worked, "verdicts", 5000)

    with pytest.raises(StoreError, match=r"upkeep is done but for .*/verdicts"):
        worked.maintain()
    assert not any(path.exists() for path in left)
    assert kept.exists()


def test_a_table_whose_log_is_gone_keeps_its_files(worked):
    """They are all that is left of it."""
    blobs.remove(Location(worked.url), "drift/_delta_log")
    kept = list(Path(worked.url, "drift").glob("*.parquet"))
    worked.maintain(0, nobody_writes=True)

    assert kept
    assert all(path.exists() for path in kept)


WRITER = """
import argosy, sys, time, warnings
warnings.simplefilter("error")
fleet = argosy.open(sys.argv[1])
until = time.monotonic() + float(sys.argv[2])
done = 0
while time.monotonic() < until:
    if sys.argv[3] == "maintain":
        fleet.maintain(keep_hours=0, keep_facts="1d")
    elif sys.argv[3] == "job":
        fleet.check_drift()
        fleet.evaluate()
    else:
        fleet.tag({"model": ["m0"]}, {f"{sys.argv[3]}-{done}": "x"})
    done += 1
print(done)
"""


@pytest.mark.parametrize(
    ("writers", "seconds"), [(3, 4), pytest.param(20, 30, marks=pytest.mark.slow)]
)
def test_upkeep_runs_beside_writers_and_jobs(tmp_path, writers, seconds):
    """Two upkeeps at once, that would keep nothing if they could, beside all of them."""
    fleet = logged_fleet(tmp_path, models=2, rows=100, drifting={"m1"})
    fleet.check_drift()
    roles = ["maintain", "maintain", "job", *map(str, range(writers))]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, fleet.url, str(seconds), role],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for role in roles
    ]
    answers = [process.communicate(timeout=300) for process in processes]
    done = dict(zip(roles[1:], (int(said or -1) for said, _ in answers[1:]), strict=True))
    again = argosy.open(fleet.url)

    assert [broken for _, broken in answers] == [""] * len(roles)
    assert len(again.get("m0")["tags"]) == 1 + sum(done[str(one)] for one in range(writers))
    assert again.runs().collect().height == 1 + 2 * done["job"]
    assert again.evaluations().collect()["run_id"].n_unique() == done["job"] > 0
    assert again.verify().intact


def test_two_who_shorten_a_log_at_once_are_not_in_each_other_s_way(empty, monkeypatch):
    empty.register({"model": ["m"], "version": ["1"]})
    for number in range(30):
        empty.tag({"model": ["m"]}, {f"{number}": "x"})
    location, real = Location(empty.url), LocalFileSystem.rm_file

    def faster(filesystem, path):
        real(filesystem, path)
        real(filesystem, path)

    monkeypatch.setattr(LocalFileSystem, "rm_file", faster)

    assert log_cleanup.shorten(location, f"{empty.url}/ledger", keep=5) > 10


def test_files_are_not_kept_for_less_than_nothing(empty):
    with pytest.raises(BadInput, match="cannot keep files for -1 hours"):
        empty.maintain(keep_hours=-1)
