"""A driver killed at 10, 50 and 90 %, ten times each: what is carried on comes to the same.

Each driver is a process of its own, and starts while what the last one left is carried on. On Ray
they join one cluster, whose workers outlive them.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import argosy
from argosy.store.facts import STAGED_FOLDER
from argosy.testing.fleets import logged_fleet

from .ray_apart import TOKEN, headed

pytestmark = pytest.mark.slow
MODELS, ROWS = 30, 50
TIMES = 10
OF_A_RUN = ("run_id", "at", "profile", "incident", "opened_run", "onset_at")
PROGRAM = str(Path(__file__).with_name("killed_driver.py"))
PLUGIN = Path(__file__).with_name("noted.py")


class Stage:
    """A fleet, an executor, and how its drivers are started."""

    def __init__(self, folder, executor, wave, environment):
        self.fleet = logged_fleet(folder, MODELS, ROWS, drifting={"m2", "m5"})
        self.executor = executor
        self.wave = wave
        """How many chunks are at work at a time."""
        self._noted = Path(environment["NOTED"])
        self._environment = environment

    @contextmanager
    def driver(self):
        """Start a driver; it need not be ready yet."""
        line = [sys.executable, PROGRAM, self.fleet.url, self.executor]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(line, env=self._environment, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()

    def killed(self, driver, chunks):
        """Kill a driver once so many chunks are there; return its run, if it was not done."""
        assert driver.stdout.readline() == "ready\n"
        self._noted.write_text("")
        driver.stdin.write("check\n")
        driver.stdin.close()
        staged = Path(self.fleet.url) / STAGED_FOLDER
        while driver.poll() is None and len(list(staged.glob("*/chunk-*.arrow"))) < chunks:
            time.sleep(0.002)
        driver.kill()
        driver.wait()
        return next(iter(self.fleet.unfinished()["run_id"]), None)

    def noted(self):
        """How often each model was at work since the last driver began."""
        return Counter(self._noted.read_text().split())

    def found(self, run_id):
        """What a run found, but for what is told of the run itself."""
        for name in ("drift", "distributions"):
            rows = getattr(argosy.open(self.fleet.url), name)().filter(run_id=run_id).collect()
            rows = rows.drop(OF_A_RUN, strict=False)
            flat = [name for name, kind in rows.schema.items() if not kind.is_nested()]
            yield rows.sort(flat)


def asked(driver, line):
    driver.stdin.write(f"{line}\n")
    driver.stdin.flush()
    return driver.stdout.readline().strip()


@pytest.fixture(scope="module", params=["local", "ray"])
def stage(request, tmp_path_factory):
    """A stage of its own for each executor; the plugin is where drivers and workers find it."""
    folder = tmp_path_factory.mktemp("killed")
    told = folder / "site" / "noted-1.dist-info"
    told.mkdir(parents=True)
    shutil.copy(PLUGIN, folder / "site")
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: noted\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[argosy]\nnoted = noted\n")
    ours = {"PYTHONPATH": str(folder / "site"), "NOTED": str(folder / "noted")}
    with ExitStack() as stack:
        if request.param == "local":
            yield Stage(folder, "local", os.cpu_count(), {**os.environ, **ours})
        else:
            pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
            guarded = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}
            kept = {"RAY_num_workers_soft_limit": "16"}  # workers that idle while others start
            head = stack.enter_context(headed("127.0.0.1", **ours, **guarded, **kept))
            yield Stage(folder, "ray", 2, {**head.environment, "RAY_ADDRESS": head.address})


@pytest.fixture(scope="module")
def heir(stage):
    """The driver that carries on what others left; it has done one whole run before."""
    with stage.driver() as process:
        assert process.stdout.readline() == "ready\n"
        yield process


@pytest.fixture(scope="module")
def whole(stage, heir):
    """What an uninterrupted run finds: two models drift."""
    found = list(stage.found(asked(heir, "check")))
    assert set(found[0].filter(status="drift")["model"]) == {"m2", "m5"}
    return found


@pytest.mark.fault("F10 driver killed in mid-run", "kills")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_killed_driver_is_carried_on_to_the_same_tables(stage, heir, whole, share, fault):
    """What was at work at a time is done again, and no more; a driver that was done is no kill."""
    again = []
    with ExitStack() as stack:
        waiting = stack.enter_context(stage.driver())
        for _ in range(2 * TIMES):
            driver, waiting = waiting, stack.enter_context(stage.driver())
            run_id = stage.killed(driver, round(share * MODELS))
            if run_id is None:
                continue
            assert asked(heir, run_id) == run_id
            fault.played += 1
            for here, there in zip(whole, stage.found(run_id), strict=True):
                fault.acknowledged += here.height
                fault.altered += not here.equals(there)
            assert not fault.altered
            noted = stage.noted()
            assert len(noted) == MODELS
            again.append(noted.total() - MODELS)
            if len(again) == TIMES:
                break

    assert len(again) == TIMES
    assert max(again) <= stage.wave
    assert argosy.open(stage.fleet.url).verify().broken_at is None
