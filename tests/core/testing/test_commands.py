"""The suite for commands notices each fault, by the test that names it."""

import click
import pytest

from argosy.plugins import installed
from argosy.testing.commands import CommandSuite
from argosy.types import Command

from .faults import failed


def counts(answer=lambda session: session.emit({"models": 5}), **about):
    @click.command("counts", help=about.get("help", "Count models."))
    @click.option("--least", default=1, help=about.get("least", "Leave fewer out."))
    @click.pass_obj
    def counts(session, least):
        session.open()
        answer(session)

    return counts


def chatty(session):
    click.echo("counting ...")
    session.emit({"models": 5})


def writes(session):
    session.open().retire({"model": ["m1"]})
    session.emit({"models": 5})


def boom(session):
    raise ValueError("boom")


@pytest.fixture
def suite(monkeypatch):
    def made(load, **fields):
        command = Command("counts", fields.pop("summary", "Count models."), load)
        monkeypatch.setitem(installed().commands, "counts", command)
        giver = installed().plugin("demo")
        monkeypatch.setitem(installed().commands.givers, "counts", giver)
        return type("Suite", (CommandSuite,), {"name": "counts", **fields})

    return made


def test_a_sound_command_passes(suite, tmp_path):
    assert failed(suite(counts), tmp_path) == set()


@pytest.mark.parametrize(
    ("load", "noticed"),
    [
        (lambda: print, "it_is_described"),
        (lambda: counts(help=""), "it_is_described"),
        (lambda: counts(least=""), "it_is_described"),
        (lambda: counts(chatty), "it_answers_people_and_scripts"),
        (lambda: counts(boom), "it_answers_people_and_scripts"),
        (lambda: counts(lambda session: 1 / 0), "a_fleet_stays_whole"),
    ],
)
def test_a_faulty_command_is_noticed(load, noticed, suite, tmp_path):
    assert failed(suite(load), tmp_path, noticed)


def test_one_that_changes_the_fleet_says_so(suite, tmp_path):
    (tmp_path / "a").mkdir()
    changing = lambda: counts(writes)  # noqa: E731

    assert failed(suite(changing), tmp_path / "a", "a_fleet_stays_whole")
    assert not failed(suite(changing, changes=True), tmp_path, "a_fleet_stays_whole")
