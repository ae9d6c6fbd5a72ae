"""Options of plugins: where they come from, which wins, and what is refused."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from argosy.errors import BadInput, UnknownName
from argosy.plugins import Installed, configured, installed, options
from argosy.plugins.core_options import CoreOptions
from argosy.plugins.settings import check, using, with_arguments
from argosy.plugins.trust import SettingsFile
from argosy_cli.main import run
from argosy_cli.option_help import described

from .test_discovery import plugin


@pytest.fixture
def toml(tmp_path, monkeypatch):
    """Write an argosy.toml where the process runs, and answer for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def write(text):
        (tmp_path / "argosy.toml").write_text(text)
        SettingsFile.read(Path("argosy.toml"), named=False).trust()

    return write


def test_without_anything_set_the_defaults_hold(toml):
    assert options("core").sinks == []
    assert options("notices").timeout == 10.0


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(toml, monkeypatch):
    toml('[notices]\npath = "file"\nurl = "file"\ntimeout = 1\n')
    monkeypatch.setenv("ARGOSY_NOTICES__URL", "environment")
    monkeypatch.setenv("ARGOSY_NOTICES__TIMEOUT", "2")

    with using(with_arguments(["notices.timeout=3"])):
        found = options("notices")
    assert (found.path, found.url.get_secret_value(), found.timeout) == ("file", "environment", 3.0)


def test_lists_come_as_lists_or_separated_by_commas(toml, monkeypatch):
    toml('[core]\nsinks = ["a", "b"]\n')
    assert options("core").sinks == ["a", "b"]

    monkeypatch.setenv("ARGOSY_CORE__SINKS", "c, d")
    assert options("core").sinks == ["c", "d"]


def test_another_file_can_be_named(tmp_path, monkeypatch):
    (tmp_path / "other.toml").write_text("[notices]\ntimeout = 7\n")
    monkeypatch.setenv("ARGOSY_CONFIG", str(tmp_path / "other.toml"))

    assert options("notices").timeout == 7


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("[notices]\ntimeout = 0\n", BadInput, r"notices.timeout cannot be 0: .*greater than 0"),
        ("[notices]\ntimout = 1\n", UnknownName, "did you mean 'timeout'"),
        ("[notice]\npath = 'x'\n", UnknownName, "did you mean 'notices'"),
        ("sinks = ['a']\n", BadInput, r"'sinks' in .* put it under .core."),
        ("[core\n", BadInput, "cannot read argosy.toml"),
        ("[core]\nseverity = 'loud'\n", BadInput, "'info', 'warning' or 'critical'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(toml, text, error, said):
    toml(text)

    with pytest.raises(error, match=said):
        check()


def test_a_file_that_is_named_and_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("ARGOSY_CONFIG", "/nowhere/argosy.toml")

    with pytest.raises(BadInput, match="names /nowhere/argosy.toml, and there is no such file"):
        configured()


@pytest.mark.parametrize("argument", ["notices", "notices.path", "path=x", ".path=x", "notices.=x"])
def test_an_argument_of_another_form_is_told(argument):
    with pytest.raises(BadInput, match="write PLUGIN.KEY=VALUE"):
        with_arguments([argument])


def test_a_plugin_without_options_has_none():
    with pytest.raises(UnknownName, match="no plugin with options is called 'local'"):
        options("local")


def test_a_command_with_a_mistake_in_the_file_fails_before_any_work(toml, tmp_path, capsys):
    toml("[notices]\ntimeout = 'soon'\n")

    assert run(["--fleet", str(tmp_path / "fleet"), "init"]) == 2
    assert "notices.timeout cannot be 'soon'" in capsys.readouterr().err
    assert not (tmp_path / "fleet").exists()


def test_what_one_command_sets_does_not_outlast_it(toml, capsys):
    assert run(["--set", "notices.timeout=5", "plugins", "show", "notices", "--json"]) == 0
    told = {row["key"]: row for row in json.loads(capsys.readouterr().out)["options"]}

    assert (told["timeout"]["default"], told["timeout"]["value"]) == ("10.0", "5.0")
    assert told["timeout"]["type"] == "float > 0 <= 300"
    assert options("notices").timeout == 10.0


def test_the_options_of_the_core_are_shown_too(capsys):
    assert run(["plugins", "show", "core", "--json"]) == 0
    told = {row["key"]: row for row in json.loads(capsys.readouterr().out)["options"]}

    assert told["severity"]["type"] == "one of info, warning, critical"
    assert all(row["description"] for row in told.values())


def test_workers_see_the_options_of_the_driver(toml, tmp_path):
    """They have neither the file nor the environment."""
    import pyarrow as pa

    from argosy.jobs.staged import Staged
    from argosy.jobs.worker import perform
    from argosy.store.location import Location
    from argosy.types import Chunk

    toml("[notices]\ntimeout = 3\n")

    def work(chunk):
        return {"seen": pa.table({"timeout": [options("notices").timeout]})}

    given = {"notices": {"timeout": 42}}
    location = Location(str(tmp_path / "fleet"))
    told = {"settings": given, "location": location, "stage": "run", "work": work}
    staged = Staged(location, "run")
    staged.add("0", perform(Chunk("0", pa.table({}), told)))

    assert staged["seen"]["timeout"].to_list() == [42.0]


def test_options_that_are_no_model_are_told_by_their_plugin_and_leave_others_alone(monkeypatch):
    one = plugin("odd", monkeypatch, argosy_options=lambda: {"a": 1})
    two = plugin("wild", monkeypatch, argosy_options=lambda: 1 / 0)
    three = plugin("fine", monkeypatch, argosy_options=lambda: CoreOptions)
    models, faults = Installed([one, two, three]).options

    assert models == {"fine": CoreOptions}
    assert (
        "plugin 'odd' answers its hook argosy_options with {'a': 1}, which is no" in faults["odd"]
    )
    assert "plugin 'wild' failed in its hook argosy_options: ZeroDivisionError" in faults["wild"]


def test_a_secret_is_shown_as_stars(monkeypatch):
    class Options(BaseModel):
        token: SecretStr = SecretStr("hunter2")
        needed: str

    monkeypatch.setitem(installed().options[0], "notices", Options)
    with using({"notices": {"token": "hunter3", "needed": "x"}}):
        told = str(described(Options, "notices").to_dicts())

    assert "hunter" not in told
    assert "**********" in told


def test_the_section_of_a_plugin_that_is_left_out_may_stay():
    held = {"notices": {"timeout": "5"}, "plugins": {"disable": ["notices"]}}
    with using(held):
        check()
    with using({"notice": {}}), pytest.raises(UnknownName, match="notice"):
        check()
