"""A run whose driver is stopped or killed is carried on, and ends as if it never had been."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from argosy.errors import PluginError, Stopped, StoreError, UnknownName
from argosy.jobs import chunking
from argosy.plugins import installed
from argosy.store import blobs
from argosy.store.facts import STAGED_FOLDER
from argosy.testing.fleets import logged_fleet

MODELS = 24
OF_A_RUN = ("run_id", "at", "reference_id", "profile", "incident", "opened_run", "onset_at")
"""What differs between two runs that found the same."""
MINUTE = r"\d{4}-\d\d-\d\d \d\d:\d\d"
"""When a run began, which is the onset where rows have no time: two runs may begin in two."""


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 2, False: 2})
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 1, False: 1})


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, MODELS, drifting={"m2", "m5"})


@pytest.fixture
def stop_after(monkeypatch):
    """Let the driver go down, once, when so many chunks have been performed."""
    usual = installed().executors["local"]

    def put(many, error=KeyboardInterrupt):
        def run(chunks, perform):
            for done, finished in enumerate(one for one in usual.run(chunks, perform) if one):
                if done == many:
                    monkeypatch.setitem(installed().executors, "local", usual)
                    raise error
                yield finished

        monkeypatch.setitem(installed().executors, "local", replace(usual, run=run))

    return put


def facts(fleet, run, name):
    """Return what a run found, but for what differs from run to run."""
    table = getattr(fleet, name)().filter(run_id=run.id).collect()
    told = pl.selectors.by_name("onset", "reason", require_all=False)
    kept = table.drop(OF_A_RUN, strict=False).with_columns(told.str.replace(MINUTE, "then"))
    return kept.sort([name for name, kind in kept.schema.items() if not kind.is_nested()])


JOBS = {
    "check_drift": ("drift", "distributions", "incidents"),
    "evaluate": ("evaluations",),
    "estimate": ("estimates",),
    "gate": ("gates",),
    "compare": ("comparisons",),
}


def challenged(fleet):
    """Give each model a second version, which logged other scores of the same rows."""
    path = _folder(fleet) / "holdout.parquet"
    first = pl.read_parquet(path).with_row_index("row").with_columns(by=pl.lit("1"))
    noise = np.random.default_rng(3).uniform(-0.2, 0.2, first.height)
    score = (first["score"] + noise).clip(0, 1)
    pl.concat([first, first.with_columns(score, by=pl.lit("2"))]).write_parquet(path)
    log = {"role": "holdout", "url": str(path), "key": "client", "truth": "label"}
    fleet.bind([{**log, "score": "score", "id": "row", "version": "by"}])
    models = fleet.models().select("model").collect()
    for version, alias in (("1", "champion"), ("2", "challenger")):
        named = models.with_columns(version=pl.lit(version))
        if version == "2":
            fleet.register(named)
        fleet.set_alias(named, alias)


KINDS = {"check_drift": "drift"}
"""The kinds of jobs that flat verbs name otherwise."""


@pytest.mark.parametrize("verb", JOBS)
def test_a_run_that_is_resumed_finds_what_an_uninterrupted_one_finds(fleet, stop_after, verb):
    logged = logged_fleet(_beside(fleet), MODELS, drifting={"m2", "m5"})
    if verb == "compare":
        for one in (fleet, logged):
            challenged(one)
    whole = getattr(logged, verb)()
    stop_after(3)
    with pytest.raises(KeyboardInterrupt, match="argosy resume"):
        getattr(fleet, verb)()
    waiting = fleet.unfinished()
    assert waiting.select("kind", "models", "executor").rows() == [
        (KINDS.get(verb, verb), MODELS, "local")
    ]
    assert 3 <= waiting["done"].item() < MODELS
    run = fleet.resume(waiting["run_id"].item())

    assert run.id == waiting["run_id"].item()
    assert run.summary["ok"] == MODELS
    for name in JOBS[verb]:
        found = facts(fleet, run, name)
        assert found.height
        assert found.equals(facts(logged, whole, name)), name
    assert fleet.unfinished().is_empty()


def _folder(fleet):
    return Path(fleet.url).parent


def _beside(fleet):
    return _folder(fleet) / "whole"


def test_what_is_there_is_not_redone(fleet, stop_after):
    stop_after(4)
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate()
    seen = []
    [run_id] = fleet.unfinished()["run_id"]
    fleet.resume(run_id, progress=lambda done, total: seen.append((done, total)))

    assert 8 <= seen[0][0] < MODELS
    assert seen[-1] == (MODELS, MODELS)


def test_a_resumed_run_sees_the_fleet_as_it_stood_when_it_began(fleet, stop_after):
    """Models that came or changed meanwhile are not its concern."""
    stop_after(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate("team = 'risk'")
    fleet.register({"model": ["late"], "version": ["1"], "team": ["risk"]})
    fleet.retire({"model": ["m1"]})
    [run_id] = fleet.unfinished()["run_id"]

    assert fleet.resume(run_id).summary["models"] == MODELS // 2


def test_a_run_is_committed_once_however_often_it_is_resumed(fleet):
    run = fleet.evaluate()
    again = fleet.resume(run.id)

    assert again.summary == run.summary
    assert fleet.runs().collect().height == 1


def test_a_driver_that_dies_while_it_commits_is_carried_on(fleet, monkeypatch):
    """Its facts are there, the run is not: they are not written twice."""
    from argosy.store.ledger import Ledger

    def dies(*_, **__):
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "apply", dies)
        with pytest.raises(StoreError):
            fleet.check_drift()
    [run_id] = fleet.unfinished()["run_id"]
    run = fleet.resume(run_id)
    rows = run.results().group_by("model", "column", "detector").len()

    assert rows["len"].unique().to_list() == [1]


def test_a_run_that_nobody_began_is_refused_by_name(fleet):
    for ask in (fleet.resume, fleet.cancel):
        with pytest.raises(UnknownName, match="no unfinished run is called 'nothing'"):
            ask("nothing")


def test_other_software_is_refused_and_named(fleet, stop_after, monkeypatch):
    from argosy.jobs import plan

    stop_after(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate()
    now = {**plan.manifest(), "polars": "9.9.9"}
    monkeypatch.setattr(plan, "manifest", lambda: now)
    [run_id] = fleet.unfinished()["run_id"]

    with pytest.raises(PluginError, match="polars is 9.9.9 now, 2.* when it began"):
        fleet.resume(run_id)
    assert fleet.resume(run_id, other_software=True).summary["ok"] == MODELS


def test_other_data_is_refused_and_named(fleet, stop_after, tmp_path):
    """Else some models were measured on other rows than the rest, and nobody could tell."""
    stop_after(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate()
    [run_id] = fleet.unfinished()["run_id"]
    path, longer = tmp_path / "holdout.parquet", tmp_path / "longer.parquet"
    pl.concat([pl.read_parquet(path)] * 2).write_parquet(longer)
    for thread in threading.enumerate():  # a chunk of the stopped run may be reading yet
        if thread.name.startswith("argosy_"):
            thread.join(60)
    longer.replace(path)

    with pytest.raises(StoreError, match=r"has changed since it began: \S*holdout.parquet has \d+"):
        fleet.resume(run_id)
    run = fleet.resume(run_id, other_data=True)
    counted = run.results().filter(metric="auc")["n"].unique().sort()
    assert run.summary["ok"] == MODELS, run.failures()["reason"].to_list()
    assert counted[1] == 2 * counted[0]


def test_data_that_a_run_does_not_read_may_change(fleet, stop_after, tmp_path):
    stop_after(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate()
    [run_id] = fleet.unfinished()["run_id"]
    (tmp_path / "current.parquet").unlink()

    assert fleet.resume(run_id).summary["ok"] == MODELS


def test_a_cancelled_run_stops_and_can_be_resumed(fleet, monkeypatch):
    from argosy.jobs import cancel

    monkeypatch.setattr(cancel, "_PAUSE", 0.0)

    def stop(done, total):
        [run_id] = fleet.unfinished()["run_id"]
        fleet.cancel(run_id)

    with pytest.raises(Stopped, match="it was cancelled.*argosy resume"):
        fleet.evaluate(progress=stop)
    [run_id] = fleet.unfinished()["run_id"]

    assert fleet.resume(run_id).summary["ok"] == MODELS


def test_a_run_of_which_too_many_fail_stops_early_and_says_why(fleet, monkeypatch, tmp_path):
    from argosy.jobs import cancel

    monkeypatch.setattr(cancel, "_EARLY", 6)
    gone = str(tmp_path / "gone.parquet")
    half = [f"m{number}" for number in range(0, MODELS, 2)]
    row = {"role": "holdout", "url": gone, "key": "client", "truth": "label"}
    fleet.bind([{**row, "model": model} for model in half], check=False)

    with pytest.raises(Stopped, match=r"of the first \d+ models failed, such as by: cannot read"):
        fleet.evaluate()
    assert fleet.runs().collect().is_empty()


def test_a_plan_that_is_damaged_is_named(fleet, stop_after):
    stop_after(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate()
    [run_id] = fleet.unfinished()["run_id"]
    location = fleet.location
    folder = f"{STAGED_FOLDER}/{run_id}"
    table = blobs.read(location, folder, "plan.arrow")
    blobs.write(location, folder, table.replace_schema_metadata({"argosy": "{"}), "plan.arrow")

    with pytest.raises(StoreError, match=f"the plan of the run {run_id} is damaged"):
        fleet.resume(run_id)


def test_the_plan_is_told_and_nothing_is_started(fleet):
    planned = fleet.explain("evaluate", "team = 'risk'")

    assert planned["models"].to_list() == [2] * (MODELS // 4)
    assert planned["seconds"].null_count() == planned.height
    assert fleet.unfinished().is_empty()
    assert fleet.runs().collect().is_empty()


@pytest.mark.parametrize("verb", ["gate", "compare"])
def test_every_verb_tells_its_plan(fleet, verb):
    challenged(fleet)
    planned = fleet.explain(verb)

    assert planned["models"].to_list() == [2] * (MODELS // 2)
    assert fleet.runs().collect().is_empty()
    getattr(fleet, verb)()
    assert fleet.explain(verb)["seconds"].min() > 0


def test_the_next_plan_knows_what_the_last_run_took(fleet):
    fleet.evaluate()
    planned = fleet.explain("evaluate")

    assert planned["seconds"].min() > 0
    assert planned["bytes"].min() > 0
    with pytest.raises(UnknownName, match="did you mean 'evaluate'"):
        fleet.explain("evaluat")


DRIVER = """
import sys, time, argosy
from argosy.jobs import chunking
chunking._UNKNOWN_MOST = chunking._UNKNOWN_LEAST = {True: 2, False: 2}
least = 2 * int(sys.argv[3])
wait = lambda done, total: time.sleep(3600) if done >= least else None
argosy.open(sys.argv[1]).check_drift(executor=sys.argv[2], progress=wait)
"""


def killed(fleet, executor, chunks):
    """Kill a driver of its own, which waits for that once so many chunks are there."""
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, fleet.url, executor, str(chunks)])
    staged = Path(fleet.url) / STAGED_FOLDER
    while driver.poll() is None and len(list(staged.glob("*/chunk-*"))) < chunks:
        time.sleep(0.01)
    os.kill(driver.pid, signal.SIGKILL)
    return driver.wait() == -signal.SIGKILL


def test_a_driver_that_is_killed_leaves_a_run_that_can_be_resumed(fleet):
    assert killed(fleet, "local", 2)
    assert fleet.runs().collect().is_empty()
    [run_id] = fleet.unfinished()["run_id"]

    assert fleet.resume(run_id).summary == {
        **fleet.past_run(run_id).summary,
        "ok": MODELS,
        "drifted": 2,
    }


@pytest.fixture
def cli(fleet, capsys):
    from argosy_cli.main import run

    def call(*arguments):
        code = run(["--fleet", fleet.url, *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_the_command_line_lists_resumes_and_explains(cli, stop_after, tmp_path):
    assert cli("resume")[1] == "no run is unfinished\n"
    code, out, _ = cli("drift", "--explain")
    assert code == 0
    assert "24 models in 12 chunks of up to 2" in out
    stop_after(3)
    code, _, err = cli("drift")
    assert code == 130
    assert "`argosy resume" in err
    [waiting] = json.loads(cli("resume", "--json")[1])
    os.utime(tmp_path / "current.parquet", (1, 1))
    code, _, err = cli("resume", waiting["run_id"])
    assert code == 1
    assert "current.parquet was written anew" in err
    code, out, _ = cli("resume", waiting["run_id"], "--other-data", "--json")
    assert code == 0
    assert json.loads(out)["drifted"] == 2
    assert cli("cancel", waiting["run_id"])[0] == 2
