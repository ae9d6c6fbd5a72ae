"""Writers of one folder take turns; what lands never depends on it."""

import subprocess
import sys
import threading

import pytest

import argosy
from argosy.store import lock
from argosy.store.location import Location
from argosy.store.lock import turn


@pytest.fixture
def location(tmp_path):
    return Location(str(tmp_path))


def test_one_is_in_the_room_at_a_time(location):
    inside, most = [], []

    def enter():
        for _ in range(20):
            with turn(location, "ledger"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 80


def test_a_holder_that_hangs_costs_patience_and_no_change(tmp_path, monkeypatch):
    """Another process has stopped in the room; its lock outlives every wait."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    program = (
        "import sys\n"
        "from argosy.store.location import Location\n"
        "from argosy.store.lock import turn\n"
        "with turn(Location(sys.argv[1]), 'ledger'):\n"
        "    print('in', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, fleet.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline().strip() == b"in"
    monkeypatch.setattr(
        "argosy.store.ledger.turn", lambda *told, **how: turn(*told, patience=0.05, **how)
    )
    fleet.register({"model": ["a"], "version": ["1"]})
    holder.communicate()

    assert argosy.open(fleet.url).models().collect()["model"].to_list() == ["a"]
    with turn(location := Location(fleet.url), "ledger"), turn(location, "state"):
        pass


def test_a_lock_that_comes_too_late_is_let_go(location):
    with turn(location, "ledger"), turn(location, "ledger", patience=0.01):
        pass  # the second went on without
    with turn(location, "ledger", patience=30):
        pass  # and left nothing locked


def test_a_store_without_locks_goes_on_without(location, monkeypatch):
    def unsupported(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(lock.fcntl, "flock", unsupported)
    with turn(location, "ledger"):
        entered = True

    assert entered


def test_who_is_next_does_something_useful_meanwhile(location):
    """And who need not wait has nothing to catch up with."""
    done = []
    with (
        turn(location, "ledger", meanwhile=lambda: done.append("first")),
        turn(location, "ledger", patience=0.01, meanwhile=lambda: done.append("second")),
    ):
        pass

    assert done == ["second"]
