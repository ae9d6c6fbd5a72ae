"""What every command must do, and what tests of commands share: how they are run and asked."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal, get_origin

import click

from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy_cli.fields import options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from argosy import Fleet
    from argosy.types import Command
    from argosy.types.request import Request

NOTHING = "argosy_nothing"
"""A parameter that no job takes, and a value that no field can have."""


def said(words: Sequence[str]) -> tuple[int, str, str]:
    """Run a command line in this process: its exit code, its answer and what it said besides."""
    from argosy_cli.main import run

    answer, besides = StringIO(), StringIO()
    with redirect_stdout(answer), redirect_stderr(besides):
        code = run(words)
    return code, answer.getvalue(), besides.getvalue()


def arguments(request: type[Request], given: Mapping[str, Any]) -> list[str]:
    """Return parameters as the options of a command.

    >>> from argosy.types.request import Request
    >>> class Count(Request):
    ...     columns: tuple[str, ...] = ()
    ...     fresh: bool = False
    >>> arguments(Count, {"columns": ["a", "b"], "fresh": True})
    ['--column', 'a', '--column', 'b', '--fresh']
    """
    told: list[str] = []
    for option in options_of(request):
        value = given.get(str(option.name))
        if value is None or value is False:
            continue
        values = [value] if isinstance(value, str) or not option.multiple else value
        for one in values:
            told += [option.opts[0]] if option.is_flag else [option.opts[0], str(one)]
    return told


def beyond(request: type[Request]) -> Iterator[tuple[str, Any]]:
    """Yield values that fields of a request cannot have: beyond a bound, or none of those allowed.

    >>> import pydantic
    >>> from argosy.types.request import Request
    >>> class Count(Request):
    ...     most: float = pydantic.Field(0.1, ge=0, lt=1)
    >>> list(beyond(Count))
    [('most', -1), ('most', 1), ('most', 'argosy_nothing')]
    """
    steps = {"ge": -1, "gt": 0, "le": 1, "lt": 0}
    for name, field in request.model_fields.items():
        for mark in field.metadata:
            for bound, step in steps.items():
                limit = getattr(mark, bound, None)
                if isinstance(limit, (int, float)):
                    yield name, limit + step
        if get_origin(field.annotation) is Literal or field.annotation in (int, float):
            yield name, NOTHING


class CommandSuite:
    """Inherit this, set `name`, and your command is used as people and scripts use it."""

    name: str
    """The command under test; with its group, if it joins one, as in `plugins new`."""

    words: Sequence[str] = ()
    """What is written after the name, so that it succeeds on `fleet`."""

    changes: bool = False
    """Whether it changes the fleet."""

    needs_fleet: bool = True
    """Whether it cannot be used without a fleet."""

    code: int = 0
    """The exit code with `words`; 3 for a command that finds what it was asked for."""

    def fleet(self, folder: Path) -> Fleet:
        """Make the fleet it is used on: by default five models that log their predictions."""
        return logged_fleet(folder, models=5)

    @property
    def command(self) -> Command:
        """Return the command as the core finds it."""
        return installed().commands[self.name]

    @property
    def parts(self) -> list[str]:
        """The words of its name."""
        return self.name.split()

    def test_it_is_described(self) -> None:
        """People read a line of it in `--help`, and a line of each of its options."""
        assert self.command.name == self.name.lower()
        assert self.command.summary.strip() == self.command.summary.splitlines()[0]
        loaded = self.command.load()
        assert isinstance(loaded, click.Command), type(loaded)
        assert (loaded.help or "").strip(), "its docstring is what --help says"
        options = [one for one in loaded.params if isinstance(one, click.Option)]
        assert [one.name for one in options if not one.help] == [], "each option has its help"
        code, answer, besides = said([*self.parts, "--help"])
        assert (code, besides) == (0, "")
        assert f"argosy {self.name}" in answer

    def test_it_answers_people_and_scripts(self, tmp_path: Path) -> None:
        """With `--json`, before its name or after, it prints one document and nothing else."""
        for place in ("person", "before", "after"):
            folder = tmp_path / place
            folder.mkdir()
            line = ["--fleet", self.fleet(folder).url, *self.parts, *self.words]
            if place != "person":
                line.insert(0 if place == "before" else len(line), "--json")
            code, answer, besides = said(line)
            assert code == self.code, besides
            if place != "person":
                json.loads(answer)

    def test_a_fleet_stays_whole_and_only_a_change_changes_it(self, tmp_path: Path) -> None:
        """Looking leaves no trace."""
        fleet = self.fleet(tmp_path)
        before = fleet.seq
        code, _, besides = said(["--fleet", fleet.url, *self.parts, *self.words])
        assert code == self.code, besides
        code, _, besides = said(["--fleet", fleet.url, "verify"])
        assert code == 0, besides
        _, answer, _ = said(["--fleet", fleet.url, "history", "--json", "--limit", "0"])
        moved = max(row["seq"] for row in json.loads(answer)) != before
        assert moved == self.changes, "`changes` says whether it changes the fleet"

    def test_what_is_wrong_is_told_in_a_line(self, tmp_path: Path) -> None:
        """An option that there is none of, and a fleet that is not there."""
        wrong = {"--argosy-nothing": [*self.parts, *self.words, "--argosy-nothing"]}
        if self.needs_fleet:
            wrong["nowhere"] = ["--fleet", str(tmp_path / "nowhere"), *self.parts, *self.words]
        for word, line in wrong.items():
            code, answer, besides = said(line)
            assert code in (1, 2), (line, code)
            assert answer == ""
            assert besides.startswith("error: "), besides
            assert word in besides.splitlines()[0]
