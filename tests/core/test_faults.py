"""Faults: killed writers, full disks, lost answers, many writers, readers beside upkeep.

The long runs are marked `slow`.
"""

import json
import os
import random
import re
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
import pytest

import argosy
from argosy.errors import StoreError
from argosy.store import delta, durable
from argosy.testing.fleets import logged_fleet

WRITER = str(Path(__file__).with_name("busy_writer.py"))


def started(*program):
    return subprocess.Popen(
        [sys.executable, *map(str, program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


# Killed writers


def kill_writers(folder, kills, seed):
    """Kill a writer, look at what it left, and let the next one work on the same fleet."""
    url = logged_fleet(folder, models=2, rows=50).url
    chance = random.Random(seed)
    acknowledged = 0
    writer = started(WRITER, url, seed)
    try:
        for kill in range(kills):
            assert writer.stdout.readline() == "ready\n"
            go(writer)
            said = [writer.stdout.readline() for _ in range(chance.randrange(8))]
            time.sleep(chance.uniform(0, 0.15))
            writer.kill()
            rest, broken = writer.communicate()
            assert not broken
            writer = started(WRITER, url, seed + kill + 1)  # it imports while we look
            answers = [json.loads(line) for line in (*said, *rest.splitlines())]
            acknowledged += len(answers)
            look(url, answers)
    finally:
        writer.kill()
        writer.communicate()
    return acknowledged


def look(url, answers):
    fleet = argosy.open(url)
    verified = fleet.verify()
    events = fleet.events().collect()
    kept = {
        seq: (reason, run)
        for seq, reason, run in events.select("seq", "reason", "run_id").iter_rows()
    }
    for answer in answers:
        if answer["seq"] is not None:
            told = (None, answer["run_id"]) if answer["run_id"] else (answer["reason"], None)
            assert kept.get(answer["seq"]) == told, f"{answer} was acknowledged and is not there"
    last = max((answer["seq"] for answer in answers if answer["seq"]), default=None)
    assert verified.broken_at is None
    assert verified.changes == len(kept) == max(kept)
    assert last is None or len(kept) - last <= 1, "a verb wrote more than one change"
    assert_whole(fleet, events)


def assert_whole(fleet, events):
    """Both models of every pair stand in every change, and every run has all of its rows."""
    sides = pl.col("model").str.tail(1)
    halves = events.filter(sides.is_in(["a", "b"])).group_by(
        "seq", "kind", pl.col("model").str.head(-1)
    )
    torn = halves.agg(sides=sides.n_unique()).filter(pl.col("sides") != 2)
    assert torn.is_empty(), f"torn: {torn}"
    found = fleet.evaluations().group_by("run_id").agg(found=pl.col("model").n_unique())
    runs = fleet.runs().join(found, on="run_id", how="full").collect()
    assert (runs["found"] == runs["models"]).all()


def test_killed_writers_lose_nothing_and_tear_nothing(tmp_path):
    """Fifteen kill -9 at random moments of random verbs; the long run has three hundred."""
    assert kill_writers(tmp_path, kills=15, seed=1) >= 30


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 7000, 1000))
def test_three_hundred_kills_lose_nothing_and_tear_nothing(tmp_path, seed):
    """Fifty kills on each of six fleets."""
    assert kill_writers(tmp_path, kills=50, seed=seed) >= 100


def test_a_fleet_is_created_whole_or_not_at_all(tmp_path):
    """A creator killed at any moment leaves a folder that can be opened or created."""
    program = (
        "import sys, pathlib; from argosy.store.location import Location\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for n in range(100000): Location(f'{sys.argv[1]}/{n}', {}).create()\n"
    )
    creators = [started("-c", program, tmp_path / str(turn)) for turn in range(3)]
    for turn, creator in enumerate(creators):
        creator.stdout.readline()
        go(creator)
        time.sleep(0.1 + 0.05 * turn)
        creator.kill()
        creator.communicate()

    made = [path for folder in tmp_path.iterdir() for path in folder.iterdir()]
    assert len(made) > 10
    assert all(json.loads(path.read_text()) for path in tmp_path.glob("*/*/argosy.json"))


# Full disks and stores that take no writes


@contextmanager
def mounted(folder, *options):
    """Mount a file system on a folder, or skip and say why."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def batch(number, rows=500):
    chance = random.Random(number)
    words = [chance.randbytes(40).hex() for _ in range(rows)]
    names = [f"{number}-{row}" for row in range(rows)]
    return pl.DataFrame({"model": names, "version": "1", "purpose": words})


def filled(fleet):
    """Register until the disk is full; return how many batches went in, and what was said."""
    for number in range(100):
        try:
            fleet.register(batch(number))
        except StoreError as error:
            return number, str(error)
    raise AssertionError("the disk never filled up")


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path):
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=1500k", "tmpfs") as small:
        ballast = small / "ballast"
        ballast.write_bytes(bytes(600_000))
        fleet = argosy.open(str(small / "fleet"), create=True)
        kept, refused = filled(fleet)
        held = [argosy.open(fleet.url).models().collect().height, fleet.models().collect().height]
        verified = fleet.verify()
        ballast.unlink()
        fleet.register(batch(kept))

        assert kept
        assert re.match(r"cannot write .*/ledger: .*No space left", refused)
        assert held == [500 * kept] * 2
        assert (verified.changes, verified.broken_at) == (kept, None)
        assert argosy.open(fleet.url).models().collect().height == 500 * (kept + 1)
        assert fleet.verify().broken_at is None


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_fleet_is_not_half_created_on_a_full_disk(tmp_path):
    with mounted(tmp_path / "full", "-t", "tmpfs", "-o", "size=64k", "tmpfs") as full:
        ballast = full / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with pytest.raises(StoreError, match="cannot create a fleet at"):
            argosy.open(str(full / "fleet"), create=True)
        ballast.unlink()

        assert argosy.open(str(full / "fleet"), create=True).models().collect().is_empty()


def test_a_limit_on_file_sizes_is_a_clear_error(empty):
    """A quota shows itself in the same way: the write fails, in the middle of a file."""
    program = (
        "import argosy, resource, signal, sys, polars as pl\n"
        "fleet = argosy.open(sys.argv[1])\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "table = pl.DataFrame({'model': [f'm{n}' for n in range(3000)], 'version': '1'})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))\n"
        "try:\n"
        "    fleet.register(table)\n"
        "except argosy.ArgosyError as error:\n"
        "    print(type(error).__name__, error)\n"
        "print(fleet.models().collect().height)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))\n"
        "fleet.register(table)\n"
        "print(fleet.models().collect().height, fleet.verify().broken_at)\n"
    )
    process = started("-c", program, empty.url)
    said, _ = process.communicate(timeout=60)

    refused, before, after = said.splitlines()
    assert re.match("StoreError cannot (create|write) .*ledger: .*File too large", refused)
    assert (before, after) == ("0", "3000 None")


@contextmanager
def read_only(folder):
    if os.geteuid():
        parts = [folder, *folder.rglob("*")]
        for part in parts:
            part.chmod(part.stat().st_mode & ~0o222)
        try:
            yield
        finally:
            for part in parts:
                part.chmod(part.stat().st_mode | 0o200)
    elif sys.platform == "linux":
        with mounted(folder, "--bind", str(folder)):
            subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
            yield
    else:
        pytest.skip("permissions do not bind root, and there is nothing to mount with")


def test_a_read_only_store_can_be_read_and_says_that_it_cannot_be_written(fleet):
    fleet.evaluate()
    folder = Path(fleet.url)
    with read_only(folder):
        reader = argosy.open(fleet.url)

        assert reader.models().collect().height == 6
        assert reader.evaluations().collect().height
        assert reader.as_of(1).bindings().collect().is_empty()
        assert reader.verify().broken_at is None
        with pytest.raises(StoreError, match=r"cannot write .*ledger"):
            reader.tag({"model": ["m0"]}, {"a": "b"})
        with pytest.raises(StoreError, match=r"cannot write .*staged"):
            reader.evaluate()
        with pytest.raises(StoreError):
            reader.maintain()
    reader.tag({"model": ["m0"]}, {"a": "b"})

    assert argosy.open(fleet.url).get("m0")["tags"] == {"region": "us", "a": "b"}


# Lost answers


@pytest.fixture
def lost_answers(monkeypatch):
    """Let every commit land and then be answered with an error, once per error given."""
    real, errors = durable.publish, []

    def publish(*arguments):
        real(*arguments)
        if errors:
            raise errors.pop()

    monkeypatch.setattr(durable, "publish", publish)
    return errors


ANSWERS = [FileExistsError("taken"), StoreError("timed out")]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_a_change_whose_answer_is_lost_is_written_once(empty, lost_answers, answer):
    """A client that asks again is told that somebody else was first: that was itself."""
    empty.register({"model": ["a"], "version": ["1"]})
    lost_answers.append(answer)
    outcomes = empty.register({"model": ["b", "c"], "version": ["1", "1"]})
    empty.tag({"model": ["b"]}, {"x": "y"})

    assert outcomes["outcome"].to_list() == ["registered", "registered"]
    assert empty.events().filter(kind="version").collect()["model"].to_list() == ["a", "b", "c"]
    assert empty.verify().changes == 3
    assert empty.verify().broken_at is None


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_results_whose_answer_is_lost_are_written_once(fleet, lost_answers, answer):
    lost_answers.append(answer)
    run = fleet.evaluate(metrics=["auc"])

    assert run.summary["ok"] == 6
    assert fleet.evaluations().collect()["model"].to_list() == [f"m{n}" for n in range(6)]


def test_an_answer_that_cannot_be_found_out_is_said_to_be_unknown(empty, lost_answers, monkeypatch):
    """Saying that nothing was kept would be a lie: here it was."""
    empty.register({"model": ["a"], "version": ["1"]})
    lost_answers.append(StoreError("timed out"))
    monkeypatch.setattr(delta.Table, "open", _unreachable)

    with pytest.raises(StoreError, match="see whether it was kept"):
        empty.register({"model": ["b"], "version": ["1"]})


def _unreachable(_):
    raise StoreError("no route to host")


# Many writers at once


def race(url, workers, changes):
    """Let processes tag one and the same model, each change with a key of its own."""
    program = (
        "import argosy, sys\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "fleet = argosy.open(sys.argv[1])\n"
        "for n in range(int(sys.argv[3])):\n"
        "    done = fleet.tag({'model': ['m']}, {f'{sys.argv[2]}-{n}': 'x'})\n"
        "    print(done['outcome'].item(), flush=True)\n"
    )
    processes = [started("-c", program, url, worker, changes) for worker in range(workers)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        go(process)
    return [process.communicate(timeout=300) for process in processes]


@pytest.mark.parametrize(
    ("workers", "changes"), [(4, 10), pytest.param(8, 25, marks=pytest.mark.slow)]
)
def test_writers_side_by_side_lose_no_update(empty, workers, changes):
    """All change one row, so that a lost update would show as a missing key."""
    empty.register({"model": ["m"], "version": ["1"]})
    answers = race(empty.url, workers, changes)

    assert [said.split() for said, _ in answers] == [["changed"] * changes] * workers
    assert [broken for _, broken in answers] == [""] * workers
    assert len(empty.get("m")["tags"]) == workers * changes
    assert empty.verify().changes == workers * changes + 1
    assert empty.verify().broken_at is None


# Upkeep, and a reader beside it


def test_an_empty_fleet_can_be_tidied_up(empty):
    """There is no last change to save."""
    empty.maintain()
    again = argosy.open(empty.url)
    again.register({"model": ["a"], "version": ["1"]})

    assert again.verify().changes == 1
    assert again.verify().broken_at is None


@pytest.mark.parametrize("seconds", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_a_reader_sees_whole_changes_while_others_commit_and_tidy_up(empty, seconds):
    """Rows never go back, and of two models registered together never one is seen."""
    program = (
        "import argosy, sys\n"
        "fleet = argosy.open(sys.argv[1])\n"
        "n = 0\n"
        "while True:\n"
        "    fleet.register({'model': [f'{n}a', f'{n}b'], 'version': ['1', '1']})\n"
        "    n += 1\n"
        "    if n % 10 == 0:\n"
        "        fleet.maintain()\n"
        "    print(n, flush=True)\n"
    )
    writer = started("-c", program, empty.url)
    writer.stdout.readline()
    seen, chance = [0], random.Random(2)
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            for reader in (empty, argosy.open(empty.url)):
                models = reader.models().collect()["model"]
                verified = reader.verify()
                point = chance.randint(0, verified.changes)
                seen.append(models.len())

                assert models.str.head(-1).n_unique() * 2 == models.len()
                assert verified.broken_at is None
                assert 2 * verified.changes >= models.len()
                assert reader.as_of(point).models().collect().height == 2 * point
    finally:
        writer.kill()
        _, broken = writer.communicate()

    assert seen == sorted(seen)
    assert seen[-1] > 4
    assert not broken
