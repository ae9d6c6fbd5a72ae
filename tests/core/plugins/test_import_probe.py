"""Imports of strangers: whatever one does, it is named on standard error, and the rest goes on."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HOOK = """
import argosy


@argosy.hookimpl
def argosy_detectors():
    {inside}
    yield from ()


{outside}
"""
MISDEEDS = {
    "raises": ("raise ImportError('no xgboost')", "ImportError: no xgboost"),
    "exits": ("import sys; sys.exit(5)", "SystemExit: 5"),
    "panics": (
        "class Panic(BaseException): pass\nraise Panic('engine')",
        "its import raised Panic",
    ),
    "interrupts": ("raise KeyboardInterrupt", "its import raised KeyboardInterrupt"),
    "dies": ("import ctypes; ctypes.string_at(0)", "its import ended the process (SIGSEGV)"),
    "aborts": ("import os; os.abort()", "its import ended the process (SIGABRT)"),
    "leaves": ("import os; os._exit(9)", "its import ended the process (exit code 9)"),
    "kills": ("import os; os.kill(os.getpid(), 9)", "its import ended the process (SIGKILL)"),
    "sleeps": ("import time; time.sleep(600)", "its import was still at work after 2 s"),
    "spins": ("while True: pass", "its import was still at work after 2 s"),
    "newer": ("argosy_api = '>=99'", "it works with argosy_api >=99"),
    "number": ("argosy_api = 1.0", "its argosy_api 1.0 is no range"),
    "spelt": ("def oops(:", "SyntaxError"),
}
HOOKS = {
    "hook-exits": ("import sys; sys.exit(5)", "failed in its hook argosy_detectors: SystemExit: 5"),
    "hook-dies": (
        "import ctypes; ctypes.string_at(0)",
        "its hook argosy_detectors ended the process",
    ),
    "hook-sleeps": ("import time; time.sleep(600)", "its hook argosy_detectors was still at work"),
}
THREAD = (
    "import threading, time; threading.Thread(target=time.sleep, args=(600,), name='mine').start()"
)


@pytest.fixture
def site(tmp_path):
    """Where plugins are installed; returns a function that installs one."""
    folder = tmp_path / "site"
    folder.mkdir()

    def install(name, outside="", inside="pass"):
        module = f"argosy_{name.replace('-', '_')}"
        (folder / f"{module}.py").write_text(HOOK.format(outside=outside, inside=inside))
        told = folder / f"{module}-0.1.dist-info"
        told.mkdir(exist_ok=True)
        (told / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: argosy-{name}\nVersion: 0.1\n"
        )
        (told / "entry_points.txt").write_text(f"[argosy]\n{name} = {module}\n")
        return folder / f"{module}.py"

    return install


@pytest.fixture
def argosy(tmp_path):
    """Run a command where plugins are installed; returns exit code, JSON, stderr and seconds."""

    def call(*words, **besides):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-P", "-m", "argosy", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={
                **os.environ,
                "PYTHONPATH": str(tmp_path / "site"),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "ARGOSY_CORE__IMPORT_TIME_LIMIT": "2",
                **besides,
            },
        )
        return done.returncode, done.stdout, done.stderr, time.monotonic() - began

    return call


def test_each_misdeed_is_named_and_the_rest_goes_on(site, argosy, fleet):
    for name, (outside, _) in MISDEEDS.items():
        site(name, outside)
    for name, (inside, _) in HOOKS.items():
        site(name, inside=inside)
    site("good")
    code, told, said, _ = argosy("plugins", "--json")
    states = {row["name"]: row for row in json.loads(told)}
    listed = [line for line in said.splitlines() if line.startswith("warning: ")]

    assert code == 0, said
    assert states["good"]["state"] == "loaded"
    assert states["metrics"]["state"] == "loaded"
    for name, (_, reason) in MISDEEDS.items():
        assert states[name]["state"] == "failed"
        assert reason in states[name]["reason"]
        assert states[name]["hooks"] == "argosy_detectors"
        [line] = [line for line in listed if f"plugin {name!r} of argosy-{name} 0.1" in line]
        assert reason in line
        assert f"ARGOSY_BLOCK_PLUGINS={name}" in line

    code, _, said, spent = argosy("--fleet", fleet.url, "drift")
    assert code == 4, said
    for name, (_, reason) in HOOKS.items():
        assert any(f"plugin {name!r}" in line and reason in line for line in said.splitlines())
    code, _, said, _ = argosy("--fleet", fleet.url, "drift", "--detector", "ks")
    assert code == 0, said


@pytest.mark.parametrize("where", ["import", "hook"])
def test_threads_at_import_are_told_and_the_command_ends(where, site, argosy, fleet):
    site("threads", **{"outside" if where == "import" else "inside": THREAD})
    code, told, said, spent = argosy("--fleet", fleet.url, "drift", "--detector", "ks", "--json")

    assert code == 0, said
    assert json.loads(told)["models"] == 6
    assert "plugin 'threads'" in said
    assert "'mine'" in said
    assert spent < 60


def test_an_import_that_takes_seconds_is_told(site, argosy):
    site("slow", "import time; time.sleep(2.5)")
    code, told, said, _ = argosy("plugins", "--json", ARGOSY_CORE__IMPORT_TIME_LIMIT="20")

    assert code == 0
    assert "plugin 'slow' of argosy-slow 0.1: its import took 2." in said
    assert {row["name"]: row["state"] for row in json.loads(told)}["slow"] == "loaded"


COUNTING = """
import os
if "ARGOSY_IMPORT_PROBE" in os.environ:
    with open({file!r}, "a") as log:
        log.write("tried\\n")
"""


@pytest.fixture
def counted(site, tmp_path):
    """A plugin that counts how often it is tried; the file that holds it, and the count."""
    log = tmp_path / "log"
    source = site("counted", COUNTING.format(file=str(log)))
    return source, lambda: len(log.read_text().splitlines()) if log.exists() else 0


def test_what_was_sound_is_tried_once_until_anything_is_installed(counted, site, argosy):
    source, tried = counted

    assert [argosy("plugins")[0], tried()] == [0, 1]
    assert [argosy("plugins")[0], tried()] == [0, 1]
    source.write_text(source.read_text() + "\n# edited\n")
    assert [argosy("plugins")[0], tried()] == [0, 2]
    site("other")
    assert [argosy("plugins")[0], tried()] == [0, 3]
    assert [argosy("plugins")[0], tried()] == [0, 3]


def test_where_nothing_can_be_kept_each_command_tries(counted, argosy, tmp_path):
    _, tried = counted
    (tmp_path / "file").write_text("")

    for times in (1, 2):
        assert argosy("plugins", XDG_CACHE_HOME=str(tmp_path / "file"))[0] == 0
        assert tried() == times


def test_what_is_remembered_is_for_its_user_alone(counted, argosy, tmp_path):
    argosy("plugins")
    folder = tmp_path / "cache" / "argosy" / "imports"

    assert len(list(folder.iterdir())) == 1
    assert (folder.stat().st_mode & 0o777) == 0o700


def test_what_hung_is_tried_again_with_more_time(site, argosy):
    site("slow", "import time; time.sleep(3)")

    def state(limit):
        told = argosy("plugins", "--json", ARGOSY_CORE__IMPORT_TIME_LIMIT=limit)[1]
        return {row["name"]: row["state"] for row in json.loads(told)}["slow"]

    assert state("1") == "failed"
    assert state("20") == "loaded"


def test_a_blocked_plugin_is_not_tried(site, argosy, tmp_path):
    site("counted", COUNTING.format(file=str(tmp_path / "log")))
    argosy("plugins", ARGOSY_BLOCK_PLUGINS="counted")

    assert not (tmp_path / "log").exists()


def test_what_an_import_starts_does_not_outlive_the_trial(site, argosy, tmp_path):
    started = (
        "import subprocess, os\n"
        "if 'ARGOSY_IMPORT_PROBE' in os.environ:\n"
        "    started = subprocess.Popen(['sleep', '600'])\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(started.pid))\n"
    )
    site("starts", started)
    argosy("plugins")
    pid = (tmp_path / "pid").read_text()
    status = Path(f"/proc/{pid}/status")

    assert not status.exists() or "zombie" in status.read_text()


def test_built_ins_are_not_tried(argosy, tmp_path):
    assert argosy("plugins")[0] == 0
    assert not (tmp_path / "cache").exists()


TURNS = "import os\nif os.environ.get('TURNED'): os._exit(9)"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no parent")
def test_what_was_sound_and_ends_the_process_one_day_is_named_and_left_out(site, argosy):
    """Nothing was installed anew: a driver, a library or the environment is another."""
    site("turning", TURNS)
    argosy("plugins")
    code, out, said, _ = argosy("plugins", "--json", TURNED="1")
    [found] = [one for one in json.loads(out) if one["name"] == "turning"]

    assert code == 0, said
    assert "plugin 'turning' of argosy-turning 0.1 ended the process (exit code 9)" in said
    assert found["state"] == "failed"
    assert "its import ended the process (exit code 9)" in found["reason"]
