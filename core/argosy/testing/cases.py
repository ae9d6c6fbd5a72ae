"""What every case study must do."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from argosy.plugins import installed
from argosy.testing.commands import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from argosy.types import Case

FIGURES = {
    "figure": pl.String,
    "expected": pl.Float64,
    "measured": pl.Float64,
    "tolerance": pl.Float64,
    "holds": pl.Boolean,
}
"""The columns of what a case answers."""


class CaseSuite:
    """Inherit this, set `name`, and your case is played as people play it."""

    name: str
    """The case under test."""

    options: Mapping[str, Any] = MappingProxyType({})
    """What it is played with, by the names of its options; what is left out has its default."""

    again: bool = True
    """Whether it can be played again in the same fleet."""

    def data(self, folder: Path) -> Path | None:
        """Return its folder of data sets: an empty one unless defined; None to name none."""
        return folder if self.case.needs_data else None

    @property
    def case(self) -> Case:
        """Return the case as the core finds it."""
        return installed().cases[self.name]

    def played(self, folder: Path) -> tuple[int, str, str]:
        """Play it with `argosy case run --json` in a fleet in a folder."""
        data = self.data(folder)
        told = [] if data is None else ["--data", str(data)]
        for key, value in self.options.items():
            told += [f"--{key.replace('_', '-')}", str(value)]
        fleet = str(folder / "fleet")
        return said(["--fleet", fleet, "case", "run", self.name, *told, "--json"])

    def test_it_is_described(self) -> None:
        """People read a line of it in `argosy cases`, and its options in `--help`."""
        assert self.case.name == self.name.lower()
        assert self.case.summary.strip() == self.case.summary.splitlines()[0]
        code, answer, besides = said(["case", "run", self.name, "--help"])
        assert code == 0, besides
        for key in () if self.case.options is None else self.case.options.model_fields:
            assert f"--{key.replace('_', '-')}" in answer

    def test_its_figures_hold(self, tmp_path: Path) -> None:
        """It prints a table of figures, all as expected, and leaves a fleet that is whole."""
        code, answer, besides = self.played(tmp_path)
        figures = pl.DataFrame(json.loads(answer), schema=FIGURES)
        assert figures.height, "a case has figures"
        assert figures["figure"].is_unique().all()
        missed = figures.filter(~pl.col("holds"))
        assert missed.is_empty(), missed
        off = (figures["measured"] - figures["expected"]).abs()
        assert (off <= figures["tolerance"] * figures["expected"].abs() + 1e-12).all(), figures
        assert code == 0, besides
        code, _, besides = said(["--fleet", str(tmp_path / "fleet"), "verify"])
        assert code == 0, besides

    def test_it_can_be_played_again(self, tmp_path: Path) -> None:
        """Whoever plays it a second time sees the same figures."""
        if not self.again:
            return
        first, second = self.played(tmp_path), self.played(tmp_path)
        assert first[:2] == second[:2], second[2]
