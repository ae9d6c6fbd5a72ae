"""Seeded fleets whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

import argosy

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from argosy.fleet import Fleet

ROLES = ("reference", "holdout", "current")


def logged_fleet(
    folder: Path,
    models: int = 6,
    rows: int = 200,
    drifting: Collection[str] = (),
    seed: int = 7,
    weighted: bool = False,
) -> Fleet:
    """Make a fleet of binary classifiers that are scored elsewhere and log their predictions.

    Each model `m0`, `m1`, ... has the numeric columns `size` and `age`, the categorical column
    `colour`, and the logged columns `label` and `score`, in one table per role under `folder`.
    The column `size` of the `drifting` models moves by 1.5 standard deviations in `current`.
    Where they are `weighted`, rows have the column `weight`, and are bound by it.

    >>> import tempfile, pathlib
    >>> fleet = logged_fleet(pathlib.Path(tempfile.mkdtemp()), models=3, drifting={"m2"})
    >>> fleet.check_drift().summary["drifted"]
    1
    """
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    names = [f"m{number}" for number in range(models)]
    for role in ROLES:
        moved = drifting if role == "current" else ()
        table = pl.concat(_rows(generator, name, rows, 1.5 * (name in moved)) for name in names)
        if weighted:
            weight = generator.gamma(1.0, size=table.height)
            table = table.with_columns(weight=pl.Series(weight))
        table.write_parquet(folder / f"{role}.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
    fleet.register(
        pl.DataFrame(
            {
                "model": names,
                "version": ["1"] * models,
                "team": ["risk" if number % 2 else "web" for number in range(models)],
                "tier": [1 + number % 4 for number in range(models)],
                "tags": [{"region": "eu" if number % 3 else "us"} for number in range(models)],
            }
        )
    )
    fleet.bind(
        [
            {
                "role": role,
                "url": str(folder / f"{role}.parquet"),
                "key": "client",
                "truth": "label",
                "score": "score",
                **({"weight": "weight"} if weighted else {}),
            }
            for role in ROLES
        ]
    )
    return fleet


def _rows(generator: np.random.Generator, name: str, rows: int, shift: float) -> pl.DataFrame:
    score = generator.uniform(size=rows)
    return pl.DataFrame(
        {
            "client": [name] * rows,
            "size": generator.normal(size=rows) + shift,
            "age": generator.integers(18, 90, rows),
            "colour": generator.choice(["red", "green", "blue"], rows),
            "label": (generator.uniform(size=rows) < score).astype(np.int64),
            "score": score,
        }
    )
