"""What the faults share: sizes, seeds, processes that begin in a moment, and one row each."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from argosy.testing.fleets import logged_fleet

from .nursery import Nursery

HERE = Path(__file__).parent
collect_ignore = ["checks.py", "harbour.py", "misdoer.py", "players.py"]
"""What runs in processes of its own, where this folder is the first on the path."""


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """The compiled shim, or None where nothing can compile or preload it."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        return None
    made = tmp_path_factory.mktemp("shim") / "platter.so"
    line = [compiler, "-O2", "-shared", "-fPIC", "-o", made, HERE / "platter.c"]
    done = subprocess.run([*line, "-ldl", "-lpthread"], capture_output=True, text=True)
    return made if done.returncode == 0 else None


@pytest.fixture
def platter(shim):
    """Skip, and say why, where there is no shim."""
    if shim is None:
        pytest.skip("no C compiler on Linux: the shim under the file system cannot be built")
    return shim


@pytest.fixture(scope="session")
def _nursery(tmp_path_factory, shim):
    nursery = Nursery(tmp_path_factory.mktemp("nursery"), shim)
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(_nursery):
    yield _nursery
    _nursery.clear()


@pytest.fixture
def seed(request):
    """The seed of everything random here; `--seed` gives another."""
    asked = request.config.getoption("--seed")
    return 1 if asked is None else asked


@pytest.fixture
def size(request):
    """Choose between a short and a full number."""
    full = request.config.getoption("--full")
    return lambda short, long: long if full else short


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A fleet of two models with data, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    fleet = logged_fleet(folder, models=2, rows=50, drifting={"m1"})
    fleet.add_root(str(folder), reason="copies of the fleet read the same data")
    return folder / "fleet"


@pytest.fixture
def made(template, tmp_path):
    """Make a copy of the fleet of two models, and return its folder."""

    def make(name="fleet"):
        return Path(shutil.copytree(template, tmp_path / name))

    return make


FIRST = {"maintain": ["tag", "evaluate", "tag"]}
"""What there must be, so that a verb has something to do."""


@pytest.fixture
def call_by_call(nursery, made, tmp_path, fault, platter):
    """Let a verb be done again and again, each time with another call of the file system broken.

    `calls` chooses among the numbers of the calls, `breaks` says what happens at one of them, and
    `look` what is wrong with what the player answered.
    """

    def played(verb, calls, breaks, look):
        fleet, notes = made(), tmp_path / "notes"
        told = {"url": str(fleet), "notes": str(notes), "first": FIRST.get(verb, [])}
        many = nursery.ask("count", **told, name="n", verb=verb, seed=0)
        for at in calls(many):
            for turn, way in enumerate(breaks(at)):
                player = nursery.start(
                    "follow",
                    **told,
                    name=f"n{at}-{turn}",
                    verbs=[verb],
                    seed=at,
                    breaks={"watch": str(fleet), "at": at, **way},
                )
                look(player.outcome(), fleet, f"{verb}, call {at} of {many}")
        fault.add(nursery.ask("check", url=str(fleet), notes=[str(notes)]))
        fault.wrong += nursery.ask("torn", url=str(fleet))
        assert many

    return played
