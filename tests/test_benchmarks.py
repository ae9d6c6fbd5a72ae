"""Every benchmark starts, and `make bench` runs all of them, whatever one of them does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks").glob("[a-z]*.py"))
SHORT = {"changes.py", "comparing.py", "lookup.py", "registry.py"}
"""Those whose quick runs are in `make test-system`; all together take half a minute of a core."""

HELP = """
import contextlib, io, json, runpy, sys
said = {}
for path in sys.argv[1:]:
    sys.argv, told = [path, "--help"], io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        runpy.run_path(path, run_name="__main__")
    said[path] = told.getvalue()
print(json.dumps(said))
"""


def played(folder, name, *options):
    """Run a script where no peer is installed; return its output."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / name), *options],
        cwd=folder,
        env={**os.environ, "ARGOSY_PEERS": str(folder / "no-such-python"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def helps(tmp_path_factory):
    """What each script says of itself; one process asks them all, since each imports argosy."""
    folder = ROOT / "benchmarks"
    done = subprocess.run(
        [sys.executable, "-c", HELP, *(str(folder / name) for name in SCRIPTS)],
        cwd=tmp_path_factory.mktemp("helps"),
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {Path(path).name: text for path, text in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_says_what_is_claimed_and_measures_nothing(name, helps):
    assert helps[name].startswith(f"usage: {name} [-h] [--quick]")
    assert "\nClaim: " in helps[name]
    assert "quick: not a figure" not in helps[name]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in SHORT else pytest.mark.slow) for name in SCRIPTS],
)
def test_a_quick_run_ends_and_is_marked_as_one(name, tmp_path):
    machine, mark, *lines = played(tmp_path, name, "--quick").splitlines()

    assert f"{os.cpu_count()} cores" in machine
    assert "quick: not a figure to quote" == mark
    assert any("seed" in line for line in lines)
    assert len(lines) > 3


def test_make_bench_runs_them_all_and_ends_with_the_names_of_those_that_failed(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    scripts = {
        "a": "raise SystemExit(3)",
        "b": "import sys; print('b', *sys.argv[1:])",
        "_c": "1/0",
    }
    (tmp_path / "benchmarks").mkdir()
    for name, text in scripts.items():
        (tmp_path / "benchmarks" / f"{name}.py").write_text(text)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    for name in ("pyproject.toml", "requirements.txt", ".venv/.ready"):
        (tmp_path / name).touch()
    alone = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    done, fine = (
        subprocess.run(
            ["make", "bench", *given],
            cwd=tmp_path,
            env=alone,
            capture_output=True,
            text=True,
            check=False,
        )
        for given in (["QUICK=1"], ["SCRIPTS=benchmarks/b.py"])
    )

    assert "b --quick\n" in done.stdout
    assert "failed: benchmarks/a.py\n" in done.stderr
    assert done.returncode != 0
    assert ("== benchmarks/b.py\nb\n", 0) == (fine.stdout, fine.returncode)
