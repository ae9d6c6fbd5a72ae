"""A fortnight of nightly checks of thirty models: every second night or so one thing breaks.

Each night the models meet new rows, in one table per team; what breaks, when and for whom is drawn.
A fault is a function that breaks the night's rows, or the fleet, and says which models it hurts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import polars as pl
import pyarrow as pa

import argosy
from argosy.plugins import installed
from argosy.types import Detector

if TYPE_CHECKING:
    from contextlib import ExitStack

TEAMS = ("risk", "shop", "grid")
EACH = 10
ROWS = 1000
START = datetime(2026, 3, 2, tzinfo=UTC)
FEATURES = ("age", "income", "region")


@dataclass
class Night:
    """What the models of a night meet, before and after something broke."""

    draws: np.random.Generator
    day: datetime
    current: dict[str, pl.DataFrame]
    holdout: dict[str, pl.DataFrame]
    fleet: Any
    folder: Path
    plugins: ExitStack
    broken_files: dict[str, bytes | None] = field(default_factory=dict)
    """What stands in the place of a team's table of current rows; None: nothing."""

    def team(self) -> str:
        return str(self.draws.choice(TEAMS))

    def models(self, most: int = 4) -> list[str]:
        """Draw some models of one team."""
        own = self.current[self.team()]["m"].unique().sort().to_list()
        return sorted(self.draws.choice(own, self.draws.integers(1, most + 1), replace=False))

    def of(self, models: list[str]) -> str:
        return models[0].partition("-")[0]

    def change(self, models: list[str], **columns: pl.Expr) -> list[str]:
        """Put other values into columns of some models' current rows."""
        team, mine = self.of(models), pl.col("m").is_in(models)
        changed = {
            name: pl.when(mine).then(value).otherwise(pl.col(name))
            for name, value in columns.items()
        }
        self.current[team] = self.current[team].with_columns(**changed)
        return models

    def keep(self, models: list[str], rows: int) -> list[str]:
        """Keep a few of the current rows of some models."""
        team = self.of(models)
        place = pl.int_range(pl.len()).over("m")
        self.current[team] = self.current[team].filter(~pl.col("m").is_in(models) | (place < rows))
        return models

    def whole_team(self, team: str) -> list[str]:
        return [f"{team}-{number}" for number in range(EACH)]


def vanished_column(night):
    team = night.team()
    night.current[team] = night.current[team].drop("income")
    return night.whole_team(team)


def emptied_column(night):
    return night.change(night.models(), income=pl.lit(None, pl.Float64))


def retyped_column(night):
    team = night.team()
    night.current[team] = night.current[team].with_columns(pl.col("income").cast(pl.String))
    return night.whole_team(team)


def new_categories(night):
    return night.change(night.models(), region=pl.lit("atlantis"))


def nulls(night):
    lost = pl.int_range(pl.len()) % 2 == 0
    return night.change(night.models(), income=pl.when(lost).then(None).otherwise("income"))


def shift(night):
    return night.change(night.models(), age=pl.col("age") + 1.5)


def scale(night):
    return night.change(night.models(), income=pl.col("income") * 4)


def out_of_range(night):
    return night.change(night.models(), age=pl.col("age").abs() * 100 + 500)


def constant(night):
    return night.change(night.models(), age=pl.lit(0.0))


def sign_flipped_units(night):
    return night.change(night.models(), age=pl.col("age") * 10 + 3)


def short_window(night):
    return night.keep(night.models(), 8)


def no_rows(night):
    return night.keep(night.models(), 0)


def retyped_id(night):
    models = night.models()
    team = night.of(models)
    spelt = pl.when(pl.col("m").is_in(models)).then(pl.col("m").str.to_uppercase())
    night.current[team] = night.current[team].with_columns(m=spelt.otherwise("m"))
    return models


def missing_file(night):
    team = night.team()
    night.broken_files[team] = None
    return night.whole_team(team)


def truncated_file(night):
    team = night.team()
    night.broken_files[team] = b"PAR1 and then nothing"
    return night.whole_team(team)


def _detector(night, name, measure):
    """Offer a detector of a stranger's, which the user has asked for by default."""
    detector = Detector(name, frozenset({"numeric"}), measure, floor=0.1, effect=name)
    asked = {"ARGOSY_PLUGINS__DEFAULTS": f"+detectors.{name}"}
    night.plugins.enter_context(mock.patch.dict(os.environ, asked))
    night.plugins.enter_context(mock.patch.dict(installed().detectors, {name: detector}))
    return [model for team in TEAMS for model in night.whole_team(team)]


def _answer(table, p_value):
    many = table.num_rows
    return pa.table(
        {
            "statistic": [0.0] * many,
            "effect": [0.0] * many,
            "p_value": [p_value] * many,
            "p_method": ["drawn"] * many,
            "reason": pa.nulls(many, pa.string()),
        }
    )


def nan_plugin(night):
    return _detector(night, "nowhere", lambda table: _answer(table, float("nan")))


def failing_plugin(night):
    def measure(table):
        raise RuntimeError("no luck tonight")

    return _detector(night, "unlucky", measure)


def new_version(night):
    models = night.models()
    number = night.fleet.seq
    night.fleet.register([{"model": name, "version": str(number)} for name in models])
    return []  # judged itself the same night


def late_labels(night):
    models = night.models()
    team = night.of(models)
    unknown = pl.when(pl.col("m").is_in(models)).then(None).otherwise(pl.col("y"))
    night.holdout[team] = night.holdout[team].with_columns(y=unknown)
    return models


def unreadable_scores(night):
    models = night.models()
    team = night.of(models)
    wrong = pl.when(pl.col("m").is_in(models)).then(pl.lit(None, pl.Float64))
    night.holdout[team] = night.holdout[team].with_columns(s=wrong.otherwise("s"))
    return models


FAULTS = (
    vanished_column, emptied_column, retyped_column, new_categories, nulls, shift, scale,
    out_of_range, constant, sign_flipped_units, short_window, no_rows, retyped_id, missing_file,
    truncated_file, nan_plugin, failing_plugin, new_version, late_labels, unreadable_scores,
)  # fmt: skip


class Fortnight:
    """Thirty models, and what a seed has in store for them."""

    def __init__(self, folder: Path, seed: int, nights: int = 14) -> None:
        self.draws = np.random.default_rng(seed)
        self.folder = folder
        self.fleet = argosy.open(str(folder / "fleet"), create=True, actor="night shift")
        self.names = [f"{team}-{number}" for team in TEAMS for number in range(EACH)]
        features = [{"name": name} for name in FEATURES]
        self.fleet.register(
            [
                {
                    "model": name,
                    "version": "1",
                    "team": name.partition("-")[0],
                    "tier": 1 + place % 4,
                    "task": "binary",
                    "features": features,
                }
                for place, name in enumerate(self.names)
            ]
        )
        for team in TEAMS:
            self._rows(team, START - timedelta(days=30)).write_parquet(
                self._file(team, "reference")
            )
            self._rows(team, START).write_parquet(self._file(team, "current"))
            self._rows(team, START).write_parquet(self._file(team, "holdout"))
        self.fleet.bind(
            [
                {
                    "model": name,
                    "role": role,
                    "url": self._file(name.partition("-")[0], role),
                    "key": "m",
                    "timestamp": "ts",
                    "score": "s",
                    "truth": "y",
                }
                for name in self.names
                for role in ("reference", "current", "holdout")
            ]
        )
        faults = self.draws.permutation(len(FAULTS))
        quiet = self.draws.random(nights) < 0.3
        self.plan = [
            None if quiet[night] else FAULTS[faults[night % len(FAULTS)]] for night in range(nights)
        ]

    def _file(self, team: str, role: str) -> str:
        return str(self.folder / f"{team} {role}.parquet")

    def _rows(self, team: str, day: datetime) -> pl.DataFrame:
        draws = self.draws
        frames = []
        for number in range(EACH):
            score = draws.beta(2, 2, ROWS)
            frames.append(
                pl.DataFrame(
                    {
                        "m": [f"{team}-{number}"] * ROWS,
                        "ts": [day + timedelta(seconds=80 * place) for place in range(ROWS)],
                        "age": draws.normal(size=ROWS),
                        "income": draws.gamma(2.0, size=ROWS),
                        "region": draws.choice(["north", "south", "east"], ROWS),
                        "s": score,
                        "y": (draws.random(ROWS) < score).astype(np.int64),
                    }
                )
            )
        return pl.concat(frames)

    def play(self, number: int, plugins: ExitStack) -> list[str]:
        """Let a night come: write its rows, break what is planned, and name whom that hurts."""
        day = START + timedelta(days=number)
        night = Night(
            self.draws,
            day,
            {team: self._rows(team, day) for team in TEAMS},
            {team: self._rows(team, day) for team in TEAMS},
            self.fleet,
            self.folder,
            plugins,
        )
        fault = self.plan[number]
        hurt = fault(night) if fault is not None else []
        for team in TEAMS:
            night.current[team].write_parquet(self._file(team, "current"))
            night.holdout[team].write_parquet(self._file(team, "holdout"))
            if team in night.broken_files:
                content, path = night.broken_files[team], Path(self._file(team, "current"))
                path.unlink()
                if content is not None:
                    path.write_bytes(content)
        return hurt
