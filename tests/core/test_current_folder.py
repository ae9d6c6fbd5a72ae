"""Nothing runs because it lies in the current folder, whatever it is called."""

import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from argosy.current_folder import SAFE, LeavingIt
from argosy.testing.fleets import logged_fleet

sio = pytest.importorskip("skops.io", reason="skops is not installed: the extra `sklearn`")

COMMAND = [str(Path(sys.executable).with_name("argosy"))]
MODULE = [sys.executable, "-m", "argosy"]
PLANTED = {"sitecustomize", "usercustomize", "argosy_x", "argosy_drift", "antigravity2"}
EVERY = set(sys.stdlib_module_names) | set(packages_distributions()) | PLANTED
TRAP = "open({hits!r}, 'a').write('{name}\\n')\nraise ImportError('this is not {name}')\n"


@pytest.fixture(scope="module")
def early(tmp_path_factory):
    """The modules that Python itself needs to get at a module by `-m`, and to run a script."""
    folder = tmp_path_factory.mktemp("early")
    told = "import re, sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    (folder / "early_module.py").write_text(told)
    asked = [sys.executable, "-P", "-m", "early_module"]
    surroundings = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(asked, env=surroundings, capture_output=True, text=True, check=True)
    return {"argosy", *done.stdout.split()}


@pytest.fixture
def hostile(tmp_path):
    """A folder with a trap for every module that there is; returns it and what was trapped."""

    def make(but=frozenset()):
        folder, hits = tmp_path / "hostile", tmp_path / "hits"
        folder.mkdir()
        for name in filter(str.isidentifier, EVERY - but):
            (folder / f"{name}.py").write_text(TRAP.format(hits=str(hits), name=name))
        told = folder / "argosy_x-1.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: argosy-x\nVersion: 1\n")
        (told / "entry_points.txt").write_text("[argosy]\nx = argosy_x\n")
        (folder / ".numba_config.yaml").write_text(f"cache_dir: {tmp_path / 'numba'}\n")
        (folder / ".env").write_text("ARGOSY_CORE__SINKS=webhook\n")
        return folder, lambda: hits.read_text().split() if hits.exists() else []

    return make


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A fleet whose models have logged predictions, and three that have artifacts."""
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("models")
    fleet = logged_fleet(folder, models=3)
    draws = np.random.default_rng(1)
    rows = pl.DataFrame({"a": draws.normal(size=80), "b": draws.normal(size=80)})
    truth = (rows["a"] > 0).cast(pl.Int64)
    rows.with_columns(y=truth).write_parquet(folder / "rows.parquet")
    sio.dump(LogisticRegression().fit(rows.to_numpy(), truth), folder / "m.skops")
    names = ["a1", "a2", "a3"]
    artifact = str(folder / "m.skops")
    fleet.register(
        [
            {"model": name, "version": "1", "format": "skops", "artifact": artifact,
             "features": ["a", "b"], "task": "binary"}
            for name in names
        ]
    )  # fmt: skip
    url = str(folder / "rows.parquet")
    fleet.bind([{"model": name, "role": "holdout", "url": url, "truth": "y"} for name in names])
    return fleet


def run(command, folder, **besides):
    surroundings = {name: value for name, value in os.environ.items() if name != SAFE}
    return subprocess.run(
        command,
        cwd=folder,
        env={**surroundings, "XDG_CACHE_HOME": str(folder.parent / "cache"), **besides},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


LINES = [
    ["--version"],
    ["plugins", "--json"],
    ["models"],
    ["evaluate"],
    ["drift", "--where", "model LIKE 'm%'"],
]


def test_commands_run_nothing_of_it(hostile, models):
    """Workers, trackers and readers among them: three models have artifacts."""
    folder, hits = hostile()

    for line in LINES:
        done = run([*COMMAND, "--fleet", models.url, *line], folder)
        assert (done.returncode, hits()) == (0, []), (line, done.stderr)
        assert "argosy_x" not in done.stdout
    assert not (folder.parent / "numba").exists()


def test_python_m_argosy_runs_nothing_of_it_but_what_python_needs_before(hostile, models, early):
    folder, hits = hostile(early)

    for line in LINES:
        done = run([*MODULE, "--fleet", models.url, *line], folder)
        assert (done.returncode, hits()) == (0, []), (line, done.stderr)


def test_an_empty_entry_of_the_path_is_no_invitation(hostile, models, early, tmp_path):
    folder, hits = hostile(early | {"sitecustomize", "usercustomize"})
    path = os.pathsep.join(["", str(tmp_path / "elsewhere"), "."])

    for command in (COMMAND, MODULE):
        done = run([*command, "--fleet", models.url, "evaluate"], folder, PYTHONPATH=path)
        assert (done.returncode, hits()) == (0, []), done.stderr


def test_the_trial_of_a_strangers_import_runs_nothing_of_it(hostile, tmp_path):
    folder, hits = hostile()
    site = tmp_path / "site"
    told = site / "argosy_far-1.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: argosy-far\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[argosy]\nfar = argosy_far\n")
    log = tmp_path / "log"
    (site / "argosy_far.py").write_text(
        f"import os, argosy, polars, subprocess\nopen({str(log)!r}, 'a').write('imported')\n"
    )
    done = run([*COMMAND, "plugins"], folder, PYTHONPATH=str(site))

    assert (done.returncode, hits()) == (0, []), done.stderr
    assert log.read_text() == "imported" * 2


SCRIPT = """
import argosy
if __name__ == "__main__":
    run = argosy.open({url!r}).evaluate(executor={executor!r})
    assert run.summary["failed"] == 0, run.failures()
    import os
    assert "PYTHONSAFEPATH" not in os.environ
"""


@pytest.mark.parametrize("executor", ["local", "ray"])
def test_workers_of_a_script_that_lies_elsewhere_run_nothing_of_it(
    executor, hostile, models, tmp_path
):
    if executor == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    folder, hits = hostile()
    (tmp_path / "job").mkdir()
    script = tmp_path / "job" / "script.py"
    script.write_text(SCRIPT.format(url=models.url, executor=executor))
    done = run([sys.executable, str(script)], folder)

    assert (done.returncode, hits()) == (0, []), done.stderr


def test_commands_on_ray_run_nothing_of_it(hostile, models):
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    folder, hits = hostile()
    done = run([*COMMAND, "--fleet", models.url, "evaluate", "--executor", "ray"], folder)

    assert (done.returncode, hits()) == (0, []), done.stderr


def test_processes_that_a_users_program_starts_are_not_changed(monkeypatch):
    monkeypatch.delenv(SAFE, raising=False)
    with LeavingIt():
        assert os.environ[SAFE] == "1"
    assert SAFE not in os.environ
    monkeypatch.setenv(SAFE, "x")
    with LeavingIt():
        assert os.environ[SAFE] == "1"
    assert os.environ[SAFE] == "x"


def test_a_folder_that_the_user_names_in_full_stays(tmp_path):
    """It is a choice, and no accident of where somebody stands."""
    (tmp_path / "chosen.py").write_text("")
    asked = "import sys; sys.argv[0] = 'argosy'; import argosy, chosen; print('found')"
    done = run([sys.executable, "-c", asked], tmp_path, PYTHONPATH=str(tmp_path))

    assert done.stdout == "found\n", done.stderr


def test_a_program_of_somebody_else_keeps_its_folder(tmp_path):
    (tmp_path / "own.py").write_text("")
    (tmp_path / "program.py").write_text("import argosy, own; print('found')")

    for command in (["-m", "program"], ["-c", "import program"], ["program.py"]):
        assert run([sys.executable, *command], tmp_path).stdout == "found\n"
