"""What every aspect of a model must do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from argosy.plugins import installed
from argosy.testing.commands import said
from argosy.testing.readings import READINGS, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from argosy.fleet import Fleet
    from argosy.types import Aspect, FleetView, Section

_FEW = 3
"""Models of a fleet that are looked at."""


class AspectSuite:
    """Inherit this, set `name`, define `known`, and your aspect is shown of models of all kinds."""

    name: str
    """The aspect under test."""

    def known(self, folder: Path) -> tuple[Fleet, str]:
        """Make a fleet, and name a model that it has something to say of; define this."""
        raise NotImplementedError(f"{type(self).__name__} makes no fleet in {folder}")

    @property
    def aspect(self) -> Aspect:
        """Return the aspect as the core finds it."""
        return installed().aspects[self.name]

    def read(
        self, section: Section, fleet: FleetView, model: str, version: str | None
    ) -> pl.DataFrame:
        """Read its section, and hold the rows to what `argosy show` can print."""
        rows = section.read(fleet, model, version)
        assert isinstance(rows, pl.DataFrame), type(rows)
        if rows.height:
            assert set(section.columns) & set(rows.columns), "a person sees none of its columns"
        if section.worded is not None:
            worded = section.worded(rows)
            assert worded.height == rows.height, "every row is put into words"
        return rows

    def shown(self, fleet: Fleet, *words: str) -> str:
        """Return what `argosy show` answers; it must not fail, nor warn of the aspect."""
        code, answer, besides = said(["--fleet", fleet.url, *words])
        assert code == 0, besides
        assert f"'{self.name}'" not in besides, besides
        return answer

    def test_it_is_described(self) -> None:
        """Users type its name, and read a line of it; it shows something."""
        aspect = self.aspect
        assert aspect.name == self.name.lower()
        assert aspect.summary.strip()
        assert aspect.show is not None or aspect.section is not None
        if aspect.section is not None:
            assert aspect.section.title.strip()
            assert aspect.section.columns
            assert isinstance(aspect.section.place, int)

    def test_every_model_can_be_shown(self) -> None:
        """Without runs, as it stood, with odd names; without a version too. Nothing changes."""
        section = self.aspect.section
        for fleet, model, version in _models():
            before = fleet.seq
            if section is not None:
                first = self.read(section, fleet, model, version)
                assert first.equals(self.read(section, fleet, model, version)), model
                assert self.read(section, fleet, model, None).is_empty() or version is None
            for wants_json in (True, False):
                printer = _Told(wants_json)
                if self.aspect.show is not None:
                    self.aspect.show(printer, fleet, model, version)
                    assert printer.documents == 1 or not wants_json, "one document, nothing else"
            assert before == fleet.seq

    def test_what_is_known_of_a_model_is_shown(self, tmp_path: Path) -> None:
        """By the command, for a person and as JSON."""
        fleet, model = self.known(tmp_path)
        section = self.aspect.section
        if section is not None:
            told = json.loads(self.shown(fleet, "--json", "show", model))
            assert told[section.title], "the section is there, and has rows"
            answer = self.shown(fleet, "show", model)
            assert any(name in answer for name in section.columns)
        if self.aspect.show is not None:
            flag = f"--{self.name}"
            assert json.loads(self.shown(fleet, "--json", "show", model, flag))
            assert self.shown(fleet, "show", model, flag).strip()


class _Told:
    """A printer that counts what it is given."""

    def __init__(self, json: bool) -> None:
        self.json, self.documents = json, 0

    def emit(
        self, answer: object, columns: object = None, title: object = None, limit: object = 50
    ) -> None:
        self.documents += 1

    def say(self, line: str) -> None:
        assert not self.json, "a JSON document has no lines beside it"

    def run(self, run: object, done: str) -> None:
        raise AssertionError("an aspect is of no run")


def _models() -> Iterator[tuple[FleetView, str, str | None]]:
    for of in READINGS:
        fleet = reading(of)
        newest = fleet.models().select("model", "newest_version").head(_FEW).collect()
        yield from ((fleet, model, version) for model, version in newest.rows())
