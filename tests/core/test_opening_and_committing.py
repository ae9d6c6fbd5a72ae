"""The store: opening, committing side by side, refusing what it cannot read."""

import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

import argosy
from argosy.errors import BadInput, FleetNotFound, NewerStore, StoreError


def test_opening_nothing_says_how_to_create(tmp_path):
    with pytest.raises(FleetNotFound, match="create one with"):
        argosy.open(str(tmp_path / "none"))


def test_creating_twice_keeps_the_first(tmp_path):
    url = str(tmp_path / "fleet")
    argosy.open(url, create=True).register({"model": ["a"], "version": ["1"]})

    assert argosy.open(url, create=True).models().collect().height == 1


def test_a_later_store_is_refused(tmp_path):
    url = tmp_path / "fleet"
    argosy.open(str(url), create=True)
    (url / "argosy.json").write_text(json.dumps({"format": 99}))

    with pytest.raises(NewerStore, match="format 99, this argosy reads up to 4; upgrade"):
        argosy.open(str(url))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "x"}'])
def test_a_damaged_marker_is_named(tmp_path, content):
    (tmp_path / "argosy.json").write_text(content)

    with pytest.raises(StoreError, match=r"argosy\.json is damaged"):
        argosy.open(str(tmp_path))


def test_an_unknown_scheme_is_refused():
    with pytest.raises(StoreError, match="cannot open nosuch://x/y"):
        argosy.open("nosuch://x/y")


def test_a_file_is_no_fleet(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(StoreError, match="a file; a fleet needs a folder|cannot (create|read)"):
        argosy.open(str(tmp_path / "file"), create=True)


@pytest.mark.parametrize("name", ["with space", "büro", "a#b"])
def test_folders_may_have_odd_names(tmp_path, name):
    """Polars cannot scan Delta tables below such folders by itself (pola-rs/polars#20944)."""
    from argosy.testing.fleets import logged_fleet

    fleet = logged_fleet(tmp_path / name, drifting={"m0"})

    assert fleet.check_drift().summary["drifted"] == 1
    assert fleet.drift().collect().height
    assert fleet.drift().filter(pl.col("effect") > 0).collect().height  # it has no bounds


@pytest.mark.parametrize("letter", "%\\\n")
def test_letters_that_the_table_engine_does_not_keep_are_refused(letter, tmp_path):
    with pytest.raises(BadInput, match="which the store cannot keep; rename it"):
        argosy.open(str(tmp_path / f"a{letter}20b"), create=True)


@pytest.mark.parametrize("letter", "[]^|*?'\"")
def test_any_other_letter_is_fine(letter, tmp_path):
    """pola-rs/polars#22374: the engine panicked."""
    url = str(tmp_path / f"a{letter}b")
    argosy.open(url, create=True).register({"model": ["m"], "version": ["1"]})

    assert ["m"] == argosy.open(url).models().collect()["model"].to_list()


def test_threads_lose_no_commit(empty):
    def add(number):
        argosy.open(empty.url).register({"model": [f"m{number}"], "version": ["1"]})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(24)))

    seqs = empty.events().filter(kind="version").collect()["seq"].to_list()
    assert empty.models().collect().height == 24
    assert len(set(seqs)) == 24


def _add(url, worker):
    fleet = argosy.open(url)
    for number in range(5):
        fleet.register({"model": [f"m{worker}-{number}"], "version": ["1"]})


def test_processes_lose_no_commit(empty):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add, args=(empty.url, worker)) for worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert empty.models().collect().height == 15


def test_two_who_register_the_same_version_do_not_both_succeed(empty):
    """The loser decides again on the state that the winner left."""

    def add(_):
        try:
            argosy.open(empty.url).register({"model": ["a"], "version": ["1"]})
        except BadInput:
            return 0
        return 1

    with ThreadPoolExecutor(4) as pool:
        won = sum(pool.map(add, range(8)))

    assert won == 1


def test_a_killed_writer_leaves_whole_commits(tmp_path):
    """Every acknowledged commit is there, and no commit is half there."""
    url = str(tmp_path / "fleet")
    argosy.open(url, create=True)
    program = (
        "import argosy, sys\n"
        "fleet = argosy.open(sys.argv[1])\n"
        "for n in range(1000):\n"
        "    fleet.register({'model': [f'{n}a', f'{n}b'], 'version': ['1', '1']})\n"
        "    print(n, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True
    )
    acknowledged = [writer.stdout.readline().strip() for _ in range(8)]
    writer.kill()
    writer.communicate()

    models = set(argosy.open(url).models().collect()["model"])
    assert {f"{n}{side}" for n in acknowledged for side in "ab"} <= models
    assert {name[:-1] for name in models if name.endswith("a")} == {
        name[:-1] for name in models if name.endswith("b")
    }


def test_times_never_run_backwards(empty, monkeypatch):
    """Order comes from the sequence, and `at` follows it even if the clock does not."""
    from datetime import UTC, datetime

    from argosy.store import commit_queue

    class Clock(datetime):
        hours = iter((12, 12, 3, 7))

        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 10, 25, next(cls.hours), tzinfo=UTC)

    monkeypatch.setattr(commit_queue, "datetime", Clock)
    for name in "abc":
        empty.register({"model": [name], "version": ["1"]})

    events = empty.events().filter(kind="version").collect()
    assert events["model"].to_list() == ["a", "b", "c"]
    assert events["at"].is_sorted()
    assert events["at"].n_unique() == 3


def test_the_log_is_shortened_and_everybody_reads_on(empty, monkeypatch):
    """Each commit lists the log; a handle from before the cut opens the table anew."""
    from argosy.store import ledger, log_cleanup

    early = argosy.open(empty.url)
    early.register({"model": ["first"], "version": ["1"]})
    monkeypatch.setattr(ledger, "_COMPACT_EVERY", 10)
    monkeypatch.setattr(ledger, "shorten", lambda *where: log_cleanup.shorten(*where, keep=5))
    for number in range(60):
        empty.register({"model": [f"m{number}"], "version": ["1"]})

    entries = list(Path(empty.url, "ledger/_delta_log").glob("*.json"))
    assert len(entries) < 40
    assert early.models().collect().height == 61
    assert argosy.open(empty.url).models().collect().height == 61
    assert argosy.open(empty.url).as_of(3).models().collect().height == 3
    assert empty.verify().broken_at is None


def test_a_handle_that_fell_behind_reads_on_after_files_were_gathered_and_removed(empty):
    """The entries that it missed name files that are long gone."""
    early = argosy.open(empty.url)
    early.register({"model": ["first"], "version": ["1"]})
    for number in range(3):
        empty.register({"model": [f"m{number}"], "version": ["1"]})
    before = set(Path(empty.url, "ledger").glob("*.parquet"))
    empty.maintain()
    after = set(Path(empty.url, "ledger").glob("*.parquet"))
    for path in before if after - before else ():
        path.unlink()

    assert after > before
    assert early.models().collect().height == 4
    early.tag({"model": ["first"]}, {"a": "b"})
    assert empty.verify().broken_at is None
