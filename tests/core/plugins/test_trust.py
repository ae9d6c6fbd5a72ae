"""What a file of settings may set, by whose it is and whether somebody answers for it."""

import json
import os
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated

import pydantic
import pytest

import argosy
from argosy.errors import BadInput
from argosy.plugins import options, registry
from argosy.plugins.settings import carried, check, choice, declared, naming
from argosy.plugins.trust import SettingsFile, reach
from argosy.testing.fleets import logged_fleet
from argosy.types import Reach
from argosy_cli.main import run

HARMLESS = "[core]\ntime_limit = 9\n"
FAR = {
    "ray": ["address", "allow_unauthenticated", "environments", "wheels"],
    "notices": ["allow", "path", "token", "url"],
    "core": ["sinks"],
    "plugins": ["defaults", "prefer"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where the process runs, with a home of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "here"


def write(text, name="argosy.toml"):
    Path(name).write_text(text)


def of_another(monkeypatch):
    """Have every file belong to somebody else."""
    whose = os.getuid() + 1
    monkeypatch.setattr("os.getuid", lambda: whose)
    true = os.fstat

    def fstat(number):
        told = list(true(number))
        told[4] = whose + 1
        return os.stat_result(told)

    monkeypatch.setattr("os.fstat", fstat)


def test_what_has_reach_is_marked_by_whoever_brings_it():
    """A new option that runs code, sends data out or writes files belongs on this list."""
    found = {
        section: sorted(key for key in model.model_fields if reach(model, key))
        for section, model in declared().items()
    }

    assert {section: keys for section, keys in found.items() if keys} == {
        section: sorted(keys) for section, keys in FAR.items()
    }


def test_what_has_no_reach_is_taken_from_any_file():
    write(HARMLESS)

    assert options("core").time_limit == 9


VALUES = {
    "ray.wheels": '["./x"]',
    "ray.environments": '{a = {pip = ["x"]}}',
    "ray.address": '"evil:6379"',
    "ray.allow_unauthenticated": "true",
    "notices.path": '"/tmp/x"',
    "notices.url": '"https://evil.example"',
    "notices.allow": '["evil.example"]',
    "notices.token": '{file = "/etc/hostname"}',
    "core.sinks": '["webhook"]',
    "plugins.prefer": '["detectors.psi=acme"]',
    "plugins.defaults": '["+detectors.cliff"]',
}


@pytest.mark.parametrize("name", VALUES)
def test_what_has_reach_is_refused_from_a_file_that_lies_there(name, tmp_path, capsys):
    section, key = name.split(".")
    write(f"[{section}]\n{key} = {VALUES[name]}\n")

    with pytest.raises(BadInput, match=f"argosy.toml sets {name}, which .*argosy trust.*--config"):
        options(section)
    assert run(["--fleet", str(tmp_path / "fleet"), "init"]) == 2
    assert not (tmp_path / "fleet").exists()
    assert f"sets {name}, which" in capsys.readouterr().err


def test_the_command_line_and_the_environment_win_and_are_the_users_own(monkeypatch):
    write('[notices]\nurl = "https://evil.example"\n')
    monkeypatch.setenv("ARGOSY_NOTICES__URL", "https://mine.example")

    assert options("notices").url.get_secret_value() == "https://mine.example"


def test_a_file_is_trusted_once_as_it_is_and_where_it_is(folder, capsys):
    write('[core]\nsinks = ["webhook"]\n')

    assert run(["trust"]) == 0
    assert "core.sinks = ['webhook'], which sends data out" in capsys.readouterr().out
    assert options("core").sinks == ["webhook"]
    write('[core]\nsinks = ["jsonl"]\n')
    with pytest.raises(BadInput, match="not trusted"):
        options("core")
    write('[core]\nsinks = ["webhook"]\n')
    assert options("core").sinks == ["webhook"]
    (folder / "below").mkdir()
    os.chdir(folder / "below")
    write('[core]\nsinks = ["webhook"]\n')
    with pytest.raises(BadInput, match="not trusted"):
        options("core")


def test_a_file_that_is_named_needs_no_trust(folder, monkeypatch, capsys):
    write('[notices]\nurl = "https://a.example"\n', "other.toml")

    with naming("other.toml"):
        assert options("notices").url.get_secret_value() == "https://a.example"
    assert options("notices").url.get_secret_value() == ""
    monkeypatch.setenv("ARGOSY_CONFIG", str(folder / "other.toml"))
    assert options("notices").url.get_secret_value() == "https://a.example"
    monkeypatch.delenv("ARGOSY_CONFIG")
    assert run(["--config", "other.toml", "plugins", "show", "notices", "--json"]) == 0
    told = {row["key"]: row["value"] for row in json.loads(capsys.readouterr().out)["options"]}
    assert told["url"] == '"**********"'


def test_a_named_file_that_is_not_there_is_refused(capsys):
    assert run(["--config", "nowhere.toml", "plugins"]) == 2
    assert "--config names nowhere.toml, and there is no such file" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have owners on POSIX")
def test_a_file_of_another_user_is_neither_trusted_nor_named(monkeypatch, capsys):
    write('[core]\nsinks = ["webhook"]\n')
    of_another(monkeypatch)

    with naming("argosy.toml"), pytest.raises(BadInput, match="it belongs to another user"):
        options("core")
    assert run(["trust"]) == 2
    assert "cannot be trusted: it belongs to another user" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_that_anybody_may_write_to_is_nobodys(folder):
    write('[core]\nsinks = ["webhook"]\n')
    (folder / "argosy.toml").chmod(0o666)

    with naming("argosy.toml"), pytest.raises(BadInput, match="anybody may write to it"):
        options("core")


def test_a_strangers_plugin_marks_its_own_deep_inside(monkeypatch):
    import sys
    import types

    class Target(pydantic.BaseModel):
        url: Annotated[str, Reach("sends data out")]

    class Options(pydantic.BaseModel):
        targets: dict[str, list[Target]] = {}
        hosts: list[Annotated[str, Reach("runs code")]] = []
        calm: int = 1

    module = types.ModuleType("fixture_far")
    module.argosy_options = argosy.hookimpl(lambda: Options)
    monkeypatch.setitem(sys.modules, "fixture_far", module)
    found = registry.Installed([EntryPoint("far", "fixture_far", "argosy")])
    monkeypatch.setattr("argosy.plugins.settings.installed", lambda: found)

    write("[far]\ncalm = 2\n")
    assert options("far").calm == 2
    for line in ('targets = {a = [{url = "https://evil.example"}]}', 'hosts = ["a"]'):
        write(f"[far]\n{line}\n")
        with pytest.raises(BadInput, match="argosy.toml sets far"):
            check()


def test_what_travels_to_workers_was_answered_for_here(tmp_path):
    """A worker has another home, where nobody has trusted anything."""
    fleet = logged_fleet(tmp_path / "fleet", models=1)
    write('[core]\nsinks = ["jsonl"]\n[notices]\npath = "news"\n')

    with pytest.raises(BadInput, match="argosy.toml sets"):
        fleet.evaluate(metrics=["auc"])
    assert fleet.runs().collect().is_empty()
    SettingsFile.read(Path("argosy.toml"), named=False).trust()
    assert type(carried()) is dict
    assert fleet.evaluate(metrics=["auc"]).summary["failed"] == 0


def test_the_folder_of_what_is_trusted_is_the_users_alone(tmp_path):
    write('[core]\nsinks = ["webhook"]\n')
    SettingsFile.read(Path("argosy.toml"), named=False).trust()

    kept = tmp_path / "config" / "argosy" / "trusted"
    assert (kept.stat().st_mode & 0o777) == 0o700


def test_whom_a_file_prefers_is_nobody_until_it_is_trusted(capsys):
    """What helps one out of it, `argosy trust` among it, works meanwhile."""
    write('[plugins]\nprefer = ["detectors.psi=acme"]\ndisable = ["metrics.auc"]\n')
    assert choice().prefer == ()
    assert choice().disabled == {"metrics.auc"}
    with pytest.raises(BadInput, match="sets plugins.prefer, which chooses whose code runs"):
        check()

    assert run(["--help"]) == 0
    assert run(["trust"]) == 0
    assert "plugins.prefer = " in capsys.readouterr().out
    assert choice().prefer == ("detectors.psi=acme",)
