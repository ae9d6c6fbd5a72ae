"""A stranger's plugin ends, hangs or fills its process: it alone is named and blocked."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import argosy
from argosy.testing.fleets import logged_fleet

PLUGIN = Path(__file__).parent / "misdeeds.py"
OURS = "(plugin 'misdeeds' of argosy-misdeeds 1.0)"
MODELS, DRIFTING = 40, {"m2", "m7", "m9"}
LOADED = 12
ASKED = "+detectors.bad,+metrics.badm,+estimators.bade"
"""What the plugin offers takes part by default only where the user says so."""
LONGEST = 900
"""Seconds that no command may take, whatever a plugin does and however busy the machine is."""
MEMORY = 3 * 2**30
FOUND, PARTLY = 3, 4


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Install the plugin where commands and their workers find it."""
    folder = tmp_path_factory.mktemp("site")
    told = folder / "misdeeds-1.dist-info"
    told.mkdir()
    shutil.copy(PLUGIN, folder)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: argosy-misdeeds\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[argosy]\nmisdeeds = misdeeds\n")
    return folder


@pytest.fixture
def play(site):
    """Carry out a command while the plugin does wrong; return its code and what it warned of."""

    def played(fleet, *command, place, misdeed, victims="", limit=None, **more):
        surroundings = {
            **os.environ,
            "PYTHONPATH": str(site),
            "PLACE": place,
            "MISDEED": misdeed,
            "VICTIMS": victims,
            "ARGOSY_PLUGINS__DEFAULTS": ASKED,
            **({"ARGOSY_CORE__TIME_LIMIT": str(limit)} if limit else {}),
            **more,
        }
        line = [sys.executable, "-m", "argosy", "--fleet", fleet, *command]
        done = subprocess.run(
            line, env=surroundings, capture_output=True, text=True, timeout=LONGEST, check=False,
            preexec_fn=_share,
        )  # fmt: skip
        return done.returncode, done.stderr

    return played


def _share():
    """Leave the machine its memory, whatever a plugin does in the driver."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.RLIM_INFINITY))


@pytest.fixture
def logged(tmp_path):
    """A fleet that logs its predictions, of which three models drift."""
    return logged_fleet(tmp_path, models=MODELS, drifting=DRIFTING)


MAKE = """
import sys
from pathlib import Path
import argosy
import polars as pl

folder, many = Path(sys.argv[1]), int(sys.argv[2])
fleet = argosy.open(str(folder / "fleet"), create=True)
names = [f"m{number}" for number in range(many)]
frame = pl.DataFrame({"x": [float(n) for n in range(40)], "y": [n / 40 for n in range(40)]})
frame.write_parquet(folder / "rows.parquet")
frame.write_parquet(folder / "rows.parquet.bad")
if sys.argv[3] == "train":
    fleet.define([{"template": "t", "trainer": "badt"}])
    fleet.instantiate("t", {"model": names})
    fleet.bind([{"role": "training", "url": str(folder / "rows.parquet"), "truth": "y"}])
else:
    rows = []
    for name in names:
        (folder / f"{name}.bad").write_text(name)
        path = str(folder / f"{name}.bad")
        rows.append({"model": name, "version": "1", "format": "bad", "artifact": path})
    fleet.register(rows)
    url = str(folder / ("rows.parquet.bad" if sys.argv[3] == "source" else "rows.parquet"))
    fleet.bind([{"role": "holdout", "url": url, "truth": "y"}])
"""


@pytest.fixture
def make(tmp_path, site):
    """Make a fleet whose models and data the plugin reads; to look at it needs no plugin."""

    def made(what):
        line = [sys.executable, "-c", MAKE, str(tmp_path), str(LOADED), what]
        there = {**os.environ, "PYTHONPATH": str(site), "PLACE": "", "MISDEED": "none"}
        subprocess.run(line, env=there, check=True, timeout=LONGEST)
        return argosy.open(str(tmp_path / "fleet"))

    return made


def held(fleet):
    return fleet.quarantined().collect()["model"].to_list()


@pytest.mark.parametrize("misdeed", ["segfault", "exit"])
def test_a_detector_that_ends_the_process_is_blocked_and_all_else_is_found(logged, play, misdeed):
    """What runs in the command's own process takes that along; its run is resumed."""
    code, said = play(logged.url, "drift", "--fail-on-drift", place="detector", misdeed=misdeed)
    rows = logged.drift().collect()
    bad = rows.filter(detector="bad")

    assert code == FOUND, said
    assert set(bad["status"]) == {"failed"}
    assert set(bad["model"]) == {f"m{number}" for number in range(MODELS)}
    assert (
        bad["reason"]
        .str.contains(f"the detector 'bad' {OURS} ended its process", literal=True)
        .all()
    )
    verdicts = dict(logged.verdicts().select("model", "verdict").rows())
    assert {model for model, verdict in verdicts.items() if verdict == "drifted"} == DRIFTING
    assert set(rows.filter(pl.col("detector") != "bad")["status"]) == {"ok", "drift"}
    assert f"the detector 'bad' {OURS} ended the process" in said
    assert "is blocked for the rest of this run" in said
    assert held(logged) == []


def test_one_that_ends_the_process_over_one_model_alone_loses_that_answer_and_no_other(
    logged, play
):
    code, said = play(logged.url, "drift", place="detector", misdeed="segfault", victims="m3")
    rows = logged.drift().collect().filter(detector="bad")
    [reason] = rows.filter(status="failed")["reason"].unique()

    assert code == PARTLY, said
    assert set(rows.filter(status="failed")["model"]) == {"m3"}
    assert "over this model alone" in reason
    assert OURS in reason
    assert held(logged) == []


def test_what_never_lets_go_of_the_interpreter_is_ended_and_named(logged, play):
    """A pattern that is tried for years runs inside of C, where no limit of Python's can end it."""
    code, said = play(
        logged.url, "drift", "--fail-on-drift", place="detector", misdeed="regex", limit=60
    )
    bad = logged.drift().collect().filter(detector="bad")

    assert code == FOUND, said
    assert f"the detector 'bad' {OURS} hung, and held the process up" in said
    assert bad["reason"].str.contains(f"the detector 'bad' {OURS} hung (", literal=True).all()
    assert held(logged) == []


@pytest.mark.parametrize("misdeed", ["spin", "sleep"])
def test_what_only_takes_its_time_is_given_up_and_needs_no_death(logged, play, misdeed):
    code, said = play(
        logged.url, "drift", "--fail-on-drift", place="detector", misdeed=misdeed, limit=30
    )
    rows = logged.drift().collect()
    bad = rows.filter(detector="bad")

    assert code == FOUND, said
    assert set(bad["model"]) == {f"m{number}" for number in range(MODELS)}
    assert bad["reason"].str.contains(f"the detector 'bad' {OURS}", literal=True).all()
    assert bad["reason"].str.contains("was given up", literal=True).all()
    assert set(rows.filter(pl.col("detector") != "bad")["status"]) == {"ok", "drift"}
    assert "ended the process" not in said
    assert held(logged) == []


@pytest.mark.parametrize("misdeed", ["sys.exit", "memory", "raise"])
def test_what_python_can_catch_needs_no_death(logged, play, misdeed):
    code, said = play(logged.url, "drift", place="detector", misdeed=misdeed)
    bad = logged.drift().collect().filter(detector="bad")
    told = {"sys.exit": "SystemExit: 7", "memory": "MemoryError", "raise": "RuntimeError: boom"}

    assert code == PARTLY, said
    assert bad["reason"].str.contains(told[misdeed], literal=True).all()
    assert bad["reason"].str.contains(OURS, literal=True).all()
    assert held(logged) == []


def test_a_metric_that_ends_its_worker_is_blocked(make, play):
    fleet = make("evaluate")
    _, said = play(fleet.url, "evaluate", place="metric", misdeed="exit")
    rows = fleet.evaluations().collect()
    bad = rows.filter(metric="badm")

    assert set(bad["status"]) == {"failed"}, said
    assert (
        bad["reason"]
        .str.contains(f"the metric 'badm' {OURS} ended its process", literal=True)
        .all()
    )
    assert set(rows.filter(metric="mae")["status"]) == {"ok"}
    assert rows.filter(metric="mae").height == LOADED
    assert held(fleet) == []


@pytest.mark.parametrize("place", ["loader", "predict"])
def test_a_loader_that_reads_no_model_is_blocked_and_no_model_is_to_blame(make, play, place):
    fleet = make("evaluate")
    code, said = play(fleet.url, "evaluate", place=place, misdeed="abort")
    told = fleet.evaluations().collect()["reason"]

    assert code == 1, said
    assert told.str.contains(f"the model format 'bad' {OURS} ended its process", literal=True).all()
    assert held(fleet) == []


def test_a_model_whose_own_code_ends_its_worker_is_in_quarantine_where_others_get_through(
    make, play
):
    fleet = make("evaluate")
    _, said = play(fleet.url, "evaluate", place="predict", misdeed="segfault", victims="m3")
    rows = fleet.evaluations().collect()

    assert held(fleet) == ["m3"], said
    [reason] = rows.filter(model="m3")["reason"]
    assert reason.startswith(f"the process that ran it died in the model format 'bad' {OURS}")
    assert set(rows.filter(metric="mae")["model"]) == {f"m{n}" for n in range(LOADED)} - {"m3"}


@pytest.mark.parametrize(
    ("misdeed", "told"),
    [
        ("short", f"the model, as read by the model format 'bad' {OURS}, predicted 39 rows for 40"),
        ("nothing", f"the model format 'bad' {OURS} answered with a NoneType, which has no 'task'"),
        ("unpicklable", "one and two"),
    ],
)
def test_a_loader_is_named_for_what_its_models_answer(make, play, misdeed, told):
    fleet = make("evaluate")
    place = "loader" if misdeed == "unpicklable" else "predict"
    play(fleet.url, "evaluate", place=place, misdeed=misdeed)

    assert fleet.evaluations().collect()["reason"].str.contains(told, literal=True).all()
    assert held(fleet) == []


@pytest.mark.parametrize(
    ("misdeed", "told"),
    [
        ("raise", "failed: RuntimeError: boom"),
        ("sys.exit", "reading it ended the process (exit code 7)"),
        ("sleep", "was given up after 20 s"),
    ],
)
def test_a_lazy_source_is_named_for_what_it_does_when_it_is_read(make, play, misdeed, told):
    fleet = make("source")
    limit = 20 if misdeed == "sleep" else None
    _, said = play(fleet.url, "evaluate", place="source", misdeed=misdeed, limit=limit)
    reasons = fleet.evaluations().collect()["reason"]

    assert len(reasons) == LOADED, said
    assert reasons.str.contains(told, literal=True).all()
    assert reasons.str.contains(OURS, literal=True).all()


def test_a_trainer_that_ends_its_worker_is_blocked(make, play):
    fleet = make("train")
    _, said = play(fleet.url, "train", place="trainer", misdeed="exit")
    told = fleet.trainings().collect()["reason"]

    assert len(told) == LOADED, said
    assert told.str.contains(f"the trainer 'badt' {OURS} ended its process", literal=True).all()
    assert held(fleet) == []


def test_an_estimator_that_ends_the_process_is_blocked(logged, play):
    _, said = play(logged.url, "estimate", place="estimator", misdeed="segfault")
    rows = logged.estimates().collect()
    bad = rows.filter(estimator="bade")

    assert (
        bad["reason"].str.contains(f"the estimator 'bade' {OURS} ended its", literal=True).all()
    ), said
    assert "ok" in set(rows.filter(pl.col("estimator") != "bade")["status"])
    assert held(logged) == []


@pytest.mark.parametrize("misdeed", ["segfault", "regex", "spin"])
def test_ray_finds_the_same(logged, play, misdeed):
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    command = ("drift", "--fail-on-drift", "--executor", "ray")
    limit = None if misdeed == "segfault" else 20
    code, said = play(logged.url, *command, place="detector", misdeed=misdeed, limit=limit)
    rows = logged.drift().collect()
    bad = rows.filter(detector="bad")

    assert code == FOUND, said
    assert bad["reason"].str.contains(f"the detector 'bad' {OURS}", literal=True).all()
    assert set(rows.filter(pl.col("detector") != "bad")["status"]) == {"ok", "drift"}
    assert held(logged) == []
