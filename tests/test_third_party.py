"""A stranger's plugin, built as a wheel and installed from it, does what ours do."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

SOURCE = Path(__file__).parent / "third_party" / "argosy_thirdparty"
TWIN = "thirdparty-twin"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A clean folder with the installed wheel: nothing of the source tree is importable."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    build = ("-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    subprocess.run([sys.executable, *build], cwd=SOURCE, check=True, capture_output=True)
    (wheel,) = wheels.glob("argosy_thirdparty-1.2.3-*.whl")
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    here = ("--no-deps", "--no-index", "--target", str(site), str(wheel))
    subprocess.run([sys.executable, *install, *here], check=True, capture_output=True)
    return site


@pytest.fixture
def python(site):
    """Run Python where the plugin is installed, as the user who left the twin out would."""

    def call(*arguments, blocked=TWIN):
        return subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(site), "ARGOSY_BLOCK_PLUGINS": blocked},
        )

    return call


@pytest.fixture
def cli(python):
    """Run a command; give its exit code, its JSON answer and what it said on standard error."""

    def call(*arguments, blocked=TWIN):
        done = python("-m", "argosy", *arguments, "--json", blocked=blocked)
        return done.returncode, json.loads(done.stdout or "null"), done.stderr

    return call


@pytest.fixture
def states(cli):
    """What `argosy plugins` says of each plugin."""
    return lambda blocked: {
        row["name"]: row for row in cli("plugins", blocked=blocked)[1] if "third" in row["name"]
    }


def test_it_is_listed_with_its_distribution_version_and_hooks(states):
    row = states(TWIN)["thirdparty"]

    assert (row["distribution"], row["version"], row["state"]) == (
        "argosy-thirdparty",
        "1.2.3",
        "loaded",
    )
    assert row["hooks"] == "argosy_detectors, argosy_jobs, argosy_loaders, argosy_policies"
    assert 0 < row["load_ms"]


def test_a_broken_one_is_listed_as_failed_with_the_reason(states):
    """The rest works: every other test here runs beside it."""
    row = states(TWIN)["thirdparty-broken"]

    assert row["state"] == "failed"
    assert "a_module_that_was_renamed_long_ago" in row["reason"]


def test_one_for_another_argosy_is_listed_as_failed_with_both_versions(states):
    row = states(TWIN)["thirdparty-future"]

    assert row["state"] == "failed"
    assert "it works with argosy_api >=99, and this argosy has 1." in row["reason"]


def test_a_blocked_one_is_left_out(states, cli, fleet):
    """Its detector is then unknown, and the message says who might have offered it."""
    both = f"{TWIN},thirdparty"
    code, _, said = cli("--fleet", fleet.url, "drift", "--detector", "energy", blocked=both)

    assert states(both)["thirdparty"]["state"] == "blocked"
    assert code == 2
    assert "no detector is called 'energy'" in said
    assert "plugin 'thirdparty' of argosy-thirdparty 1.2.3 blocked" in said


def test_two_that_offer_one_name_are_both_named(cli, fleet):
    """Which one would run is not left to the order of installation."""
    code, told, said = cli("--fleet", fleet.url, "drift", "--detector", "energy", blocked="")

    assert code == 1
    assert told["error"]["type"] == "PluginError"
    assert "two plugins offer the detector 'energy': 'thirdparty" in said
    assert "'thirdparty'" in said
    assert f"'{TWIN}'" in said


def test_the_detector_is_used_by_name(cli, fleet):
    code, verdicts, said = cli("--fleet", fleet.url, "drift", "--detector", "energy", "--models")
    drifted = {row["model"]: row["worst_column"] for row in verdicts if row["drifted"]}

    assert (code, drifted) == (0, {"m2": "size"}), said


def test_the_detector_reaches_the_workers_of_ray(python, fleet):
    """Both executors give the same rows."""
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    script = (
        "import argosy\n"
        f"fleet = argosy.open({fleet.url!r})\n"
        "runs = [fleet.check_drift(detectors=['energy'], executor=name) for name in\n"
        "        ('local', 'ray')]\n"
        "rows = [run.results().drop('run_id', 'at').sort('model', 'column') for run in runs]\n"
        "assert rows[0].equals(rows[1]), rows\n"
        "print(runs[1].summary['drifted'], runs[1].summary['failed'])\n"
    )
    done = python("-c", script)

    assert done.stdout.split() == ["1", "0"], done.stderr


def test_a_model_of_the_new_format_is_evaluated(cli, tmp_path):
    """In a worker process, which finds the loader by its name."""
    content = b'{"classes": [0, 1], "intercept": -1, "weights": {"x": 2}}'
    (tmp_path / "m.json").write_bytes(content)
    (tmp_path / "bad.json").write_bytes(content[:20])
    pl.DataFrame(
        {
            "model": ["good", "bad"],
            "version": ["1", "1"],
            "format": ["logistic-json"] * 2,
            "artifact": [str(tmp_path / "m.json"), str(tmp_path / "bad.json")],
            "digest": [
                f"sha256:{hashlib.sha256(part).hexdigest()}" for part in (content, content[:20])
            ],
        }
    ).write_csv(tmp_path / "models.csv")
    pl.DataFrame({"x": [0.0, 1.0, 2.0, 0.1], "y": [0, 1, 1, 1]}).write_csv(tmp_path / "rows.csv")
    pl.DataFrame(
        {"role": ["holdout"], "url": [str(tmp_path / "rows.csv")], "truth": ["y"]}
    ).write_csv(tmp_path / "bindings.csv")
    on = ("--fleet", str(tmp_path / "fleet"))
    for step in (["init"], ["register", "models.csv"], ["bind", "bindings.csv"]):
        assert cli(*on, step[0], *[str(tmp_path / name) for name in step[1:]])[0] == 0
    code, summary, said = cli(*on, "evaluate", "--metric", "accuracy")
    query = "SELECT model, value, status, reason FROM evaluations ORDER BY model"
    rows = cli(*on, "sql", query)[1]

    assert (code, summary["ok"], summary["failed"]) == (4, 1, 1), said
    assert (rows[1]["model"], rows[1]["value"]) == ("good", 0.75)
    assert "it is no logistic regression as JSON" in rows[0]["reason"]


def test_the_policy_refuses_and_allows(cli, tmp_path):
    """Required by name in a fleet, it holds for the next command."""
    names = {"model": ["loans", "odd"], "version": ["1", "1"], "purpose": ["scores loans", None]}
    pl.DataFrame(names).write_csv(tmp_path / "models.csv")
    on = ("--fleet", str(tmp_path / "fleet"))
    for step in (["init"], ["register", str(tmp_path / "models.csv")], ["require", "purpose"]):
        assert cli(*on, *step)[0] == 0
    refused, told, said = cli(*on, "alias", "champion", "--where", "model IS NOT NULL")
    allowed = cli(*on, "alias", "champion", "--where", "model = 'loans'")[0]

    assert (refused, allowed) == (1, 0), said
    assert [row["model"] for row in told["error"]["outcomes"]] == ["odd"]
    assert "odd: nobody said what it is for (purpose)" in said
    assert [row["model"] for row in cli(*on, "sql", "SELECT model FROM aliases")[1]] == ["loans"]


def test_the_job_is_a_command_with_tables_of_its_own(cli, fleet):
    """Its rows are asked for by their table's name, as ours are."""
    code, summary, said = cli("--fleet", fleet.url, "constants", "--least", "5")
    query = "SELECT status, COUNT(*) AS models FROM constants GROUP BY status"

    assert (code, summary["failed"]) == (0, 0), said
    assert cli("--fleet", fleet.url, "sql", query)[1] == [{"status": "ok", "models": summary["ok"]}]
    assert cli("--fleet", fleet.url, "verify")[0] == 0


def test_a_fleet_outlives_the_plugin_of_its_tables(cli, fleet):
    """Who has not installed it reads and checks the rest, and its rows are not taken for damage."""
    assert cli("--fleet", fleet.url, "constants")[0] == 0
    without = f"{TWIN},thirdparty"
    code, _, said = cli("--fleet", fleet.url, "constants", blocked=without)

    assert code == 2
    assert "constants" in said
    assert cli("--fleet", fleet.url, "verify", blocked=without)[0] == 0
    assert cli("--fleet", fleet.url, "maintain", blocked=without)[0] == 0
    assert cli("--fleet", fleet.url, "sql", "SELECT COUNT(*) AS n FROM constants")[1][0]["n"] > 0


def test_it_passes_the_suites_for_its_kinds(python):
    done = python("-m", "pytest", "-q", "-c", str(SOURCE / "pyproject.toml"), str(SOURCE / "tests"))

    assert done.returncode == 0, done.stdout
