"""The story: a fleet is trained, faults are planted, and two runs find them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

import argosy
from argosy.errors import BadInput
from argosy_demo.datasets import load
from argosy_demo.planting import corrupt, plant
from argosy_demo.roster import roster
from argosy_demo.training import train
from argosy_demo.windows import deal, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]

MARKER = "made-by-argosy-demo"
"""A file of this name says that the folder may be replaced."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was planted and what was found."""

    models: int
    """Models trained and registered."""
    ok: int
    """Models evaluated."""
    failures: pl.DataFrame
    """`model`, `reason` of each model that could not be."""
    damaged: pl.DataFrame
    """`model`, `how` of each artifact that was damaged."""
    planted: pl.DataFrame
    """`model`, `column`, `kind`, `how`, and `found`: whether that column was flagged."""
    flagged: pl.DataFrame
    """The models reported to drift, worst first, with `planted`: whether rightly so."""

    @property
    def found(self) -> int:
        """Planted drifts that were found, in the column they were planted in."""
        return int(self.planted.get_column("found").sum())

    @property
    def false_alarms(self) -> int:
        """Models reported to drift that do not."""
        return int((~self.flagged.get_column("planted")).sum())

    def shortfall(self) -> str | None:
        """Say where the demo did not hold, or None.

        It holds if every damaged artifact, and no other, failed; if at most one in thirty
        planted drifts was missed; and if at most 5 % of the flagged models (or one) are false
        alarms.
        """
        if set(self.failures.get_column("model")) != set(self.damaged.get_column("model")):
            return "other models failed than those whose artifacts were damaged"
        planted, missed = self.planted.height, self.planted.height - self.found
        if missed > planted // 30:
            return f"{missed} of {planted} planted drifts were missed"
        if self.false_alarms > max(1, 0.05 * self.flagged.height):
            return f"{self.false_alarms} of {self.flagged.height} flagged models do not drift"
        return None


def clear(folder: Path) -> None:
    """Make an empty folder for the demo, in place of an earlier demo's.

    Raises:
        BadInput: if the folder holds anything else.
    """
    if (folder / MARKER).is_file():
        shutil.rmtree(folder)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            f"{folder} is not empty and no demo made it, so it stays as it is;"
            " name another folder: argosy --fleet FOLDER demo"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def play(folder: Path, models: int, seed: int, executor: str, progress: Progress) -> Outcome:
    """Train `models` models into a new fleet in `folder`, plant faults in some, and look for them.

    Besides the fleet, the folder gets `data/` (a table per data set and role) and
    `planted.parquet` (`model`, `column`, `kind`, `how`). The same seed gives the same models,
    rows and faults.
    """
    clear(folder)
    templates = load()
    crew = roster(templates, models, seed)
    windows, planted = plant(deal(templates, crew, seed), crew, seed)
    planted.write_parquet(folder / "planted.parquet")
    fleet = argosy.open(str(folder), create=True, actor="demo")
    fleet.bind(save(windows, crew, folder / "data"))
    with progress("Training") as done:
        artifacts = train(fleet, templates, crew, executor, done)
    damaged = corrupt(artifacts, planted.get_column("model"), seed)

    with progress("Evaluating") as done:
        evaluation = fleet.evaluate(data="holdout", executor=executor, progress=done)
    with progress("Checking drift") as done:
        drift = fleet.check_drift(executor=executor, progress=done)
    alerts = drift.results().filter(status="drift").select("model", "column").unique()
    return Outcome(
        models=crew.height,
        ok=evaluation.summary["ok"],
        failures=evaluation.failures().select("model", "reason").sort("model"),
        damaged=damaged,
        planted=_marked(planted, alerts, ["model", "column"], "found"),
        flagged=_marked(fleet.triage().filter("drifted"), planted, ["model"], "planted"),
    )


def _marked(rows: pl.DataFrame, among: pl.DataFrame, on: list[str], name: str) -> pl.DataFrame:
    """Add the column `name`: whether a row is among others."""
    others = among.select(on).unique().with_columns(pl.lit(True).alias(name))
    return rows.join(others, on=on, how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(False)
    )
