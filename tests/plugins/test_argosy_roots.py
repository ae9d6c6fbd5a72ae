import json
from types import SimpleNamespace

import polars as pl
import pytest

import argosy
from argosy.plugins.registry import Offered
from argosy.types import Case
from argosy_cli import cases
from argosy_cli.main import run as command


@pytest.fixture
def say(tmp_path, capfd):
    """Run a command as the command line does; return its exit code and what it printed."""

    def say(*arguments):
        code = command(["--fleet", str(tmp_path / "fleet"), *arguments])
        out, err = capfd.readouterr()
        return code, out + err

    return say


def test_init_declares_the_folder_around_the_fleet_and_says_so(say, tmp_path):
    assert json.loads(say("init", "--json")[1])["roots"] == [str(tmp_path)]
    [root] = json.loads(say("roots", "--json")[1])

    assert str(tmp_path) == root["url"]
    assert root["since"]
    assert f"roots   {tmp_path}\n" in say("init")[1]
    assert 1 == len(json.loads(say("history", "--json")[1]))


def test_a_url_outside_is_refused_with_the_command_that_lets_it_in(say, tmp_path):
    (tmp_path / "bindings.csv").write_text("role,url\nholdout,/data/rows.csv\n")
    say("init")
    code, told = say("bind", str(tmp_path / "bindings.csv"), "--no-check")
    assert 1 == code
    assert "/data/rows.csv lies outside of the roots of this fleet" in told
    assert "`argosy roots add /data`" in told

    assert (0, "1 added\n") == say("roots", "add", "/data", "--reason", "rows of the warehouse")
    assert 0 == say("bind", str(tmp_path / "bindings.csv"), "--no-check")[0]
    assert (0, "1 removed\n") == say("roots", "remove", "/data")
    assert "/data" not in say("roots")[1]


def test_the_core_keeps_to_the_roots_where_this_plugin_is_blocked(say, tmp_path, monkeypatch):
    (tmp_path / "bindings.csv").write_text("role,url\nholdout,/data/rows.csv\n")
    monkeypatch.setenv("ARGOSY_BLOCK_PLUGINS", "roots")
    say("init")

    assert "lies outside of the roots" in say("bind", str(tmp_path / "bindings.csv"))[1]


def test_a_case_reads_the_folder_that_its_data_is_named_in(tmp_path, monkeypatch):
    """What a user names on the command line is declared for them, and stays declared."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "rows.csv").write_text("truth,score\n0,0.1\n1,0.9\n")

    def play(url, data):
        fleet = argosy.open(url)
        fleet.register([{"model": "m", "version": "1"}], "skip")
        fleet.bind([{"role": "holdout", "url": str(data / "rows.csv")}])
        return pl.DataFrame({"figure": ["bound"], "holds": [True]})

    offered = Offered("case", ())
    offered["own"] = Case("own", "One table.", play)
    monkeypatch.setattr(cases, "installed", lambda: SimpleNamespace(cases=offered))
    url = str(tmp_path / "elsewhere" / "fleet")
    for _ in range(2):
        assert 0 == command(["--fleet", url, "case", "run", "own", "--data", str(folder)])

    other = tmp_path / "other"
    other.mkdir()
    (other / "theirs.txt").write_text("theirs")
    assert 1 == command(["--fleet", str(other), "case", "run", "own", "--data", str(folder)])
    assert ["theirs.txt"] == [path.name for path in other.iterdir()]
    assert str(folder) in argosy.open(url).roots().collect()["url"].to_list()
