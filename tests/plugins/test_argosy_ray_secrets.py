"""Secrets reach Ray's workers, and lie in none of its files."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
from pydantic import SecretStr

from argosy.plugins.hidden import MASK
from argosy.plugins.settings import masked, using
from argosy.testing.fleets import logged_fleet
from argosy_ray.environments import equipped, runtime_environments, secret_variables

from .leaky import VARIABLE, holding, installed, play

PIECE = "canary-e6f1"


@pytest.fixture
def short():
    """A folder for Ray, whose sockets must have short paths."""
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp")
    yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)


GIVEN = {
    "ray": {
        "environments": {
            "own": {"pip": ["x"], "env_vars": {VARIABLE: {"env": "HERE"}, "PLAIN": "seen"}},
            "bare": {"env_vars": {"PLAIN": "seen"}},
        }
    }
}


def test_ray_is_told_nothing_of_variables_that_are_references(monkeypatch):
    monkeypatch.setenv("HERE", PIECE)
    with using(GIVEN):
        told, secret = runtime_environments(), secret_variables()
        kept = masked("ray")

    assert told == {
        "own": {"pip": ["x"], "env_vars": {"PLAIN": "seen"}},
        "bare": {"env_vars": {"PLAIN": "seen"}},
    }
    assert {name: list(held) for name, held in secret.items()} == {"own": [VARIABLE]}
    assert kept["environments"]["own"]["env_vars"] == {VARIABLE: {"env": "HERE"}, "PLAIN": MASK}


def test_nodes_are_looked_at_with_the_choice_of_plugins_and_nothing_else(monkeypatch):
    """Ray keeps what a task is sent, and a value may be written out in the file of settings."""
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    from argosy_ray.preflight import choosing

    monkeypatch.setenv("HERE", PIECE)
    chosen = {"plugins": {"disable": ["metrics.auc"]}, "core": {"import_time_limit": 9}}
    with using({**GIVEN, **chosen, "notices": {"token": PIECE}}):
        assert choosing() == chosen


def test_a_worker_has_the_variables_while_it_works_and_not_afterwards(monkeypatch):
    """Others may get the worker; what it had before comes back, even after an error."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("TAKEN", "before")
    variables = {VARIABLE: SecretStr(PIECE), "TAKEN": SecretStr("meanwhile")}
    seen = []

    def work(chunk):
        seen.append((chunk, os.environ[VARIABLE], os.environ["TAKEN"]))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        equipped(work, variables, "chunk")
    assert seen == [("chunk", PIECE, "meanwhile")]
    assert (os.environ.get(VARIABLE), os.environ["TAKEN"]) == (None, "before")


def test_secrets_reach_workers_and_lie_in_none_of_their_files(tmp_path, short):
    """An option, and a variable of a model's environment; both are said aloud over there."""
    pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
    fleet = logged_fleet(tmp_path / "data", models=4, rows=60)
    names = pl.DataFrame({"model": ["m0", "m1"], "version": "2", "environment": "own"})
    fleet.register(names)
    (tmp_path / "argosy.toml").write_text(
        f'[leaky]\ntoken = {{env = "THE_TOKEN"}}\n'
        f'[ray.environments.own.env_vars]\n{VARIABLE} = {{env = "THE_VARIABLE"}}\n'
    )
    line = ["--fleet", fleet.url]
    done = play(
        [
            [*line, "evaluate", "--metric", "leaky", "--executor", "ray", "--json"],
            [*line, "drift", "--detector", "leaky", "--executor", "ray", "--json"],
            [*line, "runs", "--json"],
            [*line, "sql", "SELECT * FROM evaluations", "--json"],
            [*line, "plugins", "show", "ray", "--json"],
        ],
        tmp_path,
        PYTHONPATH=installed(tmp_path / "plugins"),
        THE_TOKEN=f"{PIECE}-token",
        THE_VARIABLE=f"{PIECE}-variable",
        ARGOSY_CONFIG=str(tmp_path / "argosy.toml"),
        RAY_TMPDIR=str(short),
    )
    told = done.stdout + done.stderr

    assert told.count("it ended with") == 5, told[-3000:]
    assert "['**********'] None are no good" in told, "no worker had the option"
    assert "['**********'] ********** are no good" in told, "no worker had the variable"
    assert json.dumps({VARIABLE: {"env": "THE_VARIABLE"}}) in told.replace("\\", "")
    assert PIECE not in told, told[max(0, told.index(PIECE) - 400) :][:800]
    assert any(short.rglob("*.log")), "Ray wrote its logs elsewhere"
    assert holding(short, PIECE) == []
    assert holding(tmp_path, PIECE) == []
