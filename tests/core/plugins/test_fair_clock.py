"""A call that is merely slow is not taken for one that hangs."""

import os
import subprocess
import sys
import time

import pytest

from argosy.breadcrumbs import overdue, page_of, read
from argosy.errors import PluginError
from argosy.plugins import call, fair_clock
from argosy.plugins.fair_clock import FairClock

LIMIT = 1.0
BUSY = "import os\nos.sched_setaffinity(0, {int(os.sys.argv[1])})\nwhile True: pass"


def called(function, limit=LIMIT):
    return call("detectors", "psi", function, answers=object, limit=limit)


@pytest.fixture
def slow_module(tmp_path, monkeypatch):
    """A module whose import takes longer than a call may."""
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda seconds: (tmp_path / "slow_module.py").write_text(
        f"import time\ntime.sleep({seconds})\n"
    )
    sys.modules.pop("slow_module", None)


def imports():
    import slow_module

    return slow_module


def test_what_is_imported_first_is_not_held_against_a_call(slow_module):
    slow_module(2 * LIMIT)

    assert called(imports).__name__ == "slow_module"


def test_an_import_that_never_ends_is_given_up(slow_module, monkeypatch):
    monkeypatch.setattr(fair_clock, "_FORGIVEN", LIMIT)
    slow_module(20 * LIMIT)
    began = time.monotonic()
    with pytest.raises(PluginError, match="was given up after 1 s"):
        called(imports)

    assert time.monotonic() - began < 10 * LIMIT


def test_whoever_watches_from_outside_waits_as_long(slow_module):
    slow_module(2 * LIMIT)
    late = []

    def looks():
        imports()
        late.append(overdue(read(page_of(os.getpid())).crumbs, 0.0))

    called(looks)

    assert late == [None]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system does not tell")
def test_time_in_which_the_machine_ran_something_else_does_not_count():
    mine = os.sched_getaffinity(0)
    core = min(mine)
    others = [subprocess.Popen([sys.executable, "-c", BUSY, str(core)]) for _ in range(7)]

    def works():
        os.sched_setaffinity(0, {core})
        while time.thread_time() < 0.5 * LIMIT:
            pass
        return "done"

    try:
        began = time.monotonic()
        assert called(works, limit=2 * LIMIT) == "done"
        assert time.monotonic() - began > 2 * LIMIT
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert os.sched_getaffinity(0) == mine


def test_a_loop_that_was_given_up_no_longer_slows_others_down():
    turns = [0]

    def spins():
        while True:
            turns[0] += 1

    with pytest.raises(PluginError, match="was given up"):
        called(spins, limit=0.3)
    time.sleep(0.2)
    before = turns[0]
    time.sleep(0.2)

    assert turns[0] == before


def test_what_is_forgiven_has_an_end(monkeypatch):
    """Whatever the system tells: a call that starves itself must not run for ever."""
    monkeypatch.setattr(fair_clock, "_FORGIVEN", 0.05)
    monkeypatch.setattr(fair_clock, "_waits", lambda _: {"1": 1000.0 * time.monotonic()})
    clock = FairClock(limit=0.1, thread=1)
    forgiven = 0.0
    for _ in range(10):
        time.sleep(0.02)
        forgiven += clock.tick()

    assert 0.1 == pytest.approx(forgiven)
    assert clock.counted >= 0.09
