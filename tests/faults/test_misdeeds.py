"""F16: a stranger's plugin dies, hangs, lies or makes a mess, in whatever it is called for.

Each misdeed is done by an installed plugin and through the command line, with workers on Ray too.
It must be told by the plugin's name, harm nobody else's results, and leave the fleet whole.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

import argosy

HERE = Path(__file__).parent
NAME = "misdoer"
LOGGED = {f"m{number}" for number in range(6)}
LIMIT = 15.0
"""Seconds that a call of a plugin may take here."""
PATIENCE = 300
"""Seconds after which a command hangs."""
DEADLY = ("dies", "dies well", "falls", "aborts", "kills itself")
ENDLESS = ("hangs", "spins", "hangs in C")
RAISED = ("raises", "raises a base exception", "raises in Chinese", "interrupts", "exits")
MESSY = ("prints", "starts threads", "recurses", "leaves the folder", "closes what is said")
HARMLESS = frozenset({"prints", "starts threads", "leaves the folder", "closes what is said"})
"""After which the right answer comes: nobody is to blame."""
ANSWERS = {("command", "exits"), ("panel", "says nothing")}
"""No misdeeds: an exit code is how a command answers, and a panel may have nothing to say."""
SAID = ("says nothing", "says text", "says too little", "says too much", "forgets a column")
LIES = ("says NaN", "says infinity", "says minus one")
WORK = {
    "detector": (*RAISED, *DEADLY, *ENDLESS, "eats memory", *MESSY, *SAID, *LIES),
    "metric": (
        *RAISED[:1],
        *DEADLY[:3],
        *ENDLESS[:2],
        *SAID[:3],
        *LIES,
        "says what cannot be sent",
    ),
    "estimator": ("raises", "exits", "dies", "hangs", *SAID[:3], *LIES[:2]),
    "estimator fit": ("raises", "falls"),
    "loader": ("raises", "exits", "dies", "hangs", "says nothing"),
    "model": ("raises", "dies", "hangs", "says nothing", "says too little"),
    "source": ("raises", "exits", "dies", "hangs", "says nothing"),
    "lazy source": ("raises", "exits", "dies", "hangs"),
    "trainer": ("raises", "exits", "dies", "hangs", "says nothing", "says too little"),
}
"""What is done in the middle of a job, by what the plugin is called for."""
BESIDE = {
    "policy": ("raises", "exits", "dies", "hangs", "says nothing", "says text"),
    "listener": ("raises", "exits", "dies", "hangs", "says text"),
    "sink": ("raises", "exits", "dies", "hangs"),
    "panel": ("raises", "exits", "dies", "hangs", "says nothing"),
    "cause": ("raises", "exits", "dies", "hangs", "says text"),
    "command": ("raises", "exits", "dies"),
    "import": (*RAISED, "dies", "falls", "hangs", "starts threads", "closes what is said"),
    "hook": ("raises", "exits", "dies", "hangs"),
}
"""What is done by what a command calls in its own process."""
JOBS = {
    "detector": ["drift", "--detector", NAME, "--detector", "psi", "--detector", "nulls"],
    "metric": ["evaluate", "--metric", NAME, "--metric", "auc"],
    "estimator": ["estimate"],
    "estimator fit": ["estimate"],
    "loader": ["evaluate", "--metric", "auc", "--metric", "rmse"],
    "trainer": ["train"],
    "hook": ["drift", "--detector", "psi", "--detector", "nulls"],
    "import": ["drift", "--detector", "psi", "--detector", "nulls"],
    "policy": ["alias", "champion", "--where", "model = 'm0'"],
    "listener": ["retire", "--where", "model = 'm0'"],
    "sink": ["retire", "--where", "model = 'm0'"],
    "panel": ["report", "report.html"],
    "cause": ["triage"],
    "command": [NAME],
}
JOBS |= {"model": JOBS["loader"], "source": JOBS["loader"], "lazy source": JOBS["loader"]}
SHORT = {
    ("detector", "dies"),
    ("detector", "hangs"),
    ("metric", "says NaN"),
    ("loader", "exits"),
    ("lazy source", "raises"),
    ("import", "exits"),
    ("policy", "raises"),
}
"""What is played on this machine where not all is: `make test-faults` plays everything."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder in which the plugin is installed."""
    folder = tmp_path_factory.mktemp("site")
    told = folder / f"{NAME}-1.0.dist-info"
    told.mkdir()
    shutil.copy(HERE / "misdoer.py", folder)
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: argosy-{NAME}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[argosy]\n{NAME} = {NAME}\n")
    (told / "RECORD").write_text("misdoer.py,,\n")
    return folder


@pytest.fixture(scope="module")
def harbour(tmp_path_factory, site):
    """A fleet in which the plugin has a part, beside models it has nothing to do with."""
    folder = tmp_path_factory.mktemp("harbour")
    line = [sys.executable, HERE / "harbour.py", folder]
    ours = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(line, env=ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@dataclass
class Misdeed:
    """What became of one misdeed."""

    place: str
    way: str
    executor: str
    told: bool
    """Whether the plugin was named, if there was something to name it for."""
    went_on: bool
    """Whether everybody else has the results that are theirs."""
    whole: bool
    """Whether the fleet verifies, and nobody is in quarantine."""
    seconds: float
    words: str = field(repr=False)
    """What was printed, and the reasons of the failures."""


def played(harbour, site, home, place, way, executor):
    """Have a misdeed done in a copy of the fleet, and look what became of everybody else."""
    shutil.copytree(harbour / "fleet", home / "fleet")
    line = [*JOBS[place], *(["--executor", executor] if place in WORK else [])]
    if place == "policy":
        assert asked(home, site, ["require", NAME])[0] == 0
    ours = {"MISDEED": f"{place}:{way}", "MISDONE": str(home / "misdone")}
    ours["ARGOSY_CORE__TIME_LIMIT"] = str(LIMIT)
    if place == "sink":
        ours["ARGOSY_CORE__SINKS"] = json.dumps([NAME])
    began = time.monotonic()
    code, out, err = asked(home, site, line, **ours)
    seconds = time.monotonic() - began
    assert (home / "misdone").exists(), f"{place} was not asked: {out[-2000:]}{err[-2000:]}"
    fleet = argosy.open(str(home / "fleet"))
    reasons = [one for run in runs(fleet) for one in fleet.past_run(run).failures()["reason"]]
    verified, _, _ = asked(home, site, ["verify"], ARGOSY_BLOCK_PLUGINS=NAME)
    words = "\n".join([f"exit {code}", out[-4000:], err[-4000:], *map(str, reasons)])
    return Misdeed(
        place,
        way,
        executor,
        way in HARMLESS or (place, way) in ANSWERS or NAME in words.replace("argosy-misdoer", NAME),
        WENT_ON[place](fleet, home, code),
        verified == 0 and not barred(fleet),
        seconds,
        words,
    )


def asked(home, site, line, **besides):
    """Type a command; return its exit code and what it printed, None where it had to be killed."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(("ARGOSY_", "RAY_"))}
    surroundings |= {"PYTHONPATH": str(site), "RAY_AUTH_MODE": "disabled", **besides}
    process = subprocess.Popen(
        [sys.executable, "-m", "argosy", "--fleet", str(home / "fleet"), *line],
        cwd=home,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return None, out, err
    return process.returncode, out, err


def runs(fleet):
    return fleet.runs().select("run_id").collect()["run_id"].to_list()


def barred(fleet):
    return fleet.quarantined().collect()["model"].to_list()


def of_others(fleet, table, column, name, models=LOGGED):
    """Whether everybody has an answer of what is not the plugin's."""
    rows = getattr(fleet, table)().filter(pl.col(column) == name, pl.col("reason").is_null())
    return models <= set(rows.collect()["model"])


def drifted(fleet, home, code):
    found = fleet.drift().filter(detector="psi", status="drift").collect()
    return (
        code is not None
        and of_others(fleet, "drift", "detector", "psi")
        and "m2" in set(found["model"])
    )


def evaluated(fleet, home, code):
    return code is not None and of_others(fleet, "evaluations", "metric", "auc")


def estimated(fleet, home, code):
    return code is not None and LOGGED <= set(fleet.table("estimates").collect()["model"])


def trained(fleet, home, code):
    return {"sober1", "sober2"} <= set(fleet.versions().collect()["model"])


def unmoved_or_moved(fleet, home, code):
    """A policy that cannot say yes says no; one that dies takes the command with it."""
    return code is not None and code != 0 and fleet.aliases().collect().is_empty()


def retired(fleet, home, code):
    return fleet.models().filter(model="m0").collect()["retired"].item()


def drawn(fleet, home, code):
    return (home / "report.html").exists() and code is not None


def ended(fleet, home, code):
    return code is not None


WENT_ON = {
    "detector": drifted,
    "metric": evaluated,
    "estimator": estimated,
    "estimator fit": estimated,
    "loader": evaluated,
    "model": evaluated,
    "source": evaluated,
    "lazy source": evaluated,
    "trainer": trained,
    "policy": unmoved_or_moved,
    "listener": retired,
    "sink": retired,
    "panel": drawn,
    "cause": ended,
    "command": ended,
    "import": drifted,
    "hook": drifted,
}

EVERY = [
    *((place, way, ex) for ex in ("local", "ray") for place, ways in WORK.items() for way in ways),
    *((place, way, "local") for place, ways in BESIDE.items() for way in ways),
]


@pytest.mark.fault("F16 a stranger's plugin misbehaves", "misdeeds")
@pytest.mark.parametrize(
    ("place", "way", "executor"), EVERY, ids=lambda x: str(x).replace(" ", "-")
)
def test_a_misdeed_is_told_and_hurts_nobody_else(
    harbour, site, tmp_path, fault, record_property, request, place, way, executor
):
    if not request.config.getoption("--full") and ((place, way) not in SHORT or executor == "ray"):
        pytest.skip("make test-faults plays it")
    if executor == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    if place in ("import", "hook"):  # as if installed now: how the last import went is remembered
        site = shutil.copytree(site, tmp_path / "site")
    found = played(harbour, site, tmp_path, place, way, executor)
    record_property("misdeed", {k: v for k, v in vars(found).items() if k != "words"})
    fault.played += 1
    fault.seconds.append(found.seconds)

    assert (found.told, found.went_on, found.whole) == (True, True, True), found.words
