"""A plugin's command may join a group of commands, argosy's or another plugin's."""

import click
import pytest

from argosy.plugins import Offered, Plugin, installed
from argosy.types import Command
from argosy_cli.main import run


@pytest.fixture
def offer(monkeypatch):
    """Have two strangers' plugins offer commands: `brewery` a group, `wiki` what is given."""

    real = installed().commands

    def offer(*commands):
        given = Offered("command", ())
        given.update({**real, **{command.name: command for command in commands}})
        given.givers = dict(real.givers)
        for command in commands:
            name = "brewery" if command.name == "brew" else "wiki"
            stranger = Plugin(name, f"argosy-{name}", "2.1", "loaded", None, (), 1.0)
            given.givers[command.name] = stranger
        monkeypatch.setitem(installed().__dict__, "commands", given)

    return offer


def saying(name, word):
    return Command(name, "Say a word.", lambda: click.Command(name, callback=lambda: print(word)))


def brewing():
    group = click.Group("brew")
    group.add_command(click.Command("tea", callback=lambda: print("tea")))
    return Command("brew", "Brew.", lambda: group)


def failing():
    raise ImportError("no module named 'kettle'")


def test_it_joins_a_group_of_argosy(offer, capsys):
    offer(saying("plugins greet", "hello"))

    assert run(["plugins", "greet"]) == 0
    assert capsys.readouterr().out == "hello\n"
    assert run(["plugins", "greet", "--help"]) == 0
    assert "Usage: argosy plugins greet" in capsys.readouterr().out


def test_it_joins_a_group_of_another_plugin(offer, capsys):
    offer(brewing(), saying("brew coffee", "coffee"))

    assert run(["brew", "coffee"]) == 0
    assert run(["brew", "tea"]) == 0
    assert capsys.readouterr().out == "coffee\ntea\n"


def test_it_joins_the_commands_that_run_jobs(offer, capsys):
    """Their group makes its commands as they are asked for."""
    offer(saying("run away", "away"))

    assert run(["run", "away"]) == 0
    assert capsys.readouterr().out == "away\n"
    assert run(["run", "--help"]) == 0
    assert "\n  away\n" in capsys.readouterr().out


def test_it_is_listed_with_its_group_and_not_among_all_commands(offer, capsys):
    offer(saying("plugins greet", "hello"))
    run(["plugins", "--help"])
    assert "  greet" in capsys.readouterr().out
    run(["--help"])

    assert "greet" not in capsys.readouterr().out


def test_a_group_is_as_before_where_nobody_joins_it_any_more(offer, capsys):
    offer(saying("plugins greet", "hello"))
    run(["plugins", "greet"])
    offer()

    assert run(["plugins", "greet"]) == 2


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("joining", "words", "owner"),
    [
        ("plugins show", ["plugins"], "argosy has one"),
        ("brew tea", ["brew", "tea"], "plugin 'brewery' of argosy-brewery 2.1 has one"),
    ],
)
def test_a_name_that_the_group_has_is_left_out_naming_both(joining, words, owner, offer, capsys):
    """The group's own goes on."""
    offer(brewing(), saying(joining, "hello"))

    assert run(words) == 0
    told = capsys.readouterr().err
    assert f"the command '{joining}' (plugin 'wiki' of argosy-wiki 2.1) is left out" in told
    assert owner in told
    assert f"ARGOSY_BLOCK_PLUGINS=commands.{joining}" in told


def test_a_group_that_there_is_none_of_is_named(offer, capsys):
    offer(saying("garden weed", "hello"))

    assert run(["garden", "weed"]) == 1
    assert "joins the group 'garden', but there is none of that name" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")
def test_one_that_cannot_be_imported_leaves_the_others_alone(offer, capsys):
    """`argosy plugins` tells what is broken, so it must not break."""
    offer(Command("plugins greet", "Say a word.", failing))

    assert run(["plugins"]) == 0
    told = capsys.readouterr().err
    assert "the command 'plugins greet' (plugin 'wiki' of argosy-wiki 2.1) cannot be loaded" in told
    assert "no module named 'kettle'" in told


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ["sql", "drift"])
def test_the_name_of_a_command_that_argosy_has_is_told_and_argosys_runs(name, offer, capsys):
    """It is listed once."""
    offer(saying(name, "mine"))

    assert run([name, "--help"]) == 0
    told = capsys.readouterr()
    assert "mine" not in told.out
    assert f"the command '{name}' (plugin 'wiki' of argosy-wiki 2.1) is left out" in told.err
    assert run(["--help"]) == 0
    assert capsys.readouterr().out.count(f"\n  {name} ") == 1


def raising():
    @click.command()
    @click.option("--how", default="value")
    def bad(how):
        if how == "click":
            raise click.UsageError("no such leaf")
        raise ValueError("boom")

    return bad


@pytest.mark.parametrize(
    ("load", "said"),
    [
        (raising, "failed: ValueError: boom"),
        (failing, "cannot be loaded: ImportError: no module named 'kettle'"),
        (lambda: print, "loads a builtin_function_or_method, which is no click command"),
        (lambda: None, "loads a NoneType, which is no click command"),
    ],
)
def test_a_command_that_fails_is_told_by_its_plugin(load, said, offer, capsys):
    offer(Command("brew", "Make tea.", load))

    assert run(["brew"]) == 1
    told = capsys.readouterr().err
    assert f"error: the command 'brew' (plugin 'brewery' of argosy-brewery 2.1) {said}" in told


def test_what_a_command_refuses_is_told_in_its_own_words(offer, capsys):
    offer(Command("brew", "Make tea.", raising))

    assert run(["brew", "--how", "click"]) == 2
    assert "error: no such leaf\n" in capsys.readouterr().err


def test_a_command_of_several_plugins_stops_alone(offer, capsys, monkeypatch):
    offer(saying("brew", "tea"))
    commands = installed().commands
    monkeypatch.setattr(commands, "contested", {"stir": "two plugins offer the command 'stir'"})

    assert run(["brew"]) == 0
    assert run(["stir"]) == 1
    assert "error: two plugins offer the command 'stir'" in capsys.readouterr().err
    assert run(["--help"]) == 0
    assert "Not to be used: two plugins offer the command 'stir'" in capsys.readouterr().out
