"""Secrets reach Ray's workers, and lie in none of its files."""

import json
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest

from argosy.testing.fleets import logged_fleet

from .leaky import VARIABLE, holding, installed, play

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
PIECE = "canary-e6f1"


@pytest.fixture
def short():
    """A folder for Ray, whose sockets must have short paths."""
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp")
    yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)


def test_secrets_reach_workers_and_lie_in_none_of_their_files(tmp_path, short):
    """An option, and a variable of a model's environment; both are said aloud over there."""
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
