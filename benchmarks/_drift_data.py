"""A seeded fleet to check for drift: 15 numeric and 5 categorical columns per model.

Five columns are normal, five lognormal, five normal with 2 % of nulls; categories have ten levels.
One model of a hundred drifts, by 0.2 standard deviations in three of its columns.
"""

from pathlib import Path

import numpy as np
import polars as pl

NUMERIC = 15
CATEGORICAL = 5
SHIFT = 0.2
DRIFTING = 100
SEED = 20261124


def rows(models: range, each: int, moved: bool, seed: int = SEED) -> pl.DataFrame:
    """Return the rows of some models, `each` of one after the other.

    >>> rows(range(2), 3, False).shape
    (6, 21)
    """
    generator = np.random.default_rng([seed, moved, models.start])
    many = len(models) * each
    owner = np.repeat(np.arange(models.start, models.stop), each)
    drifting = moved * SHIFT * (owner % DRIFTING == DRIFTING - 1)
    columns = {"model": pl.Series(owner).cast(pl.String).str.zfill(6)}
    for place in range(NUMERIC):
        values = generator.standard_normal(many) + drifting * (place % 5 == 1)
        column = pl.Series(np.exp(values) if place % 3 == 1 else values)
        if place % 3 == 2:
            column = pl.select(pl.when(pl.lit(generator.random(many) >= 0.02)).then(column))[""]
        columns[f"number_{place:02}"] = column
    levels = [f"level {level}" for level in range(10)]
    for place in range(CATEGORICAL):
        codes = pl.Series(generator.integers(0, 10, many))
        columns[f"category_{place}"] = codes.replace_strict(range(10), levels)
    return pl.DataFrame(columns)


def write(folder: Path, models: int, each: int, part: int = 1_000) -> None:
    """Write `reference` and `current` as tables of several files, models in order."""
    for role, moved in (("reference", False), ("current", True)):
        (folder / role).mkdir(parents=True, exist_ok=True)
        for start in range(0, models, part):
            some = rows(range(start, min(start + part, models)), each, moved)
            some.write_parquet(folder / role / f"{start:06}.parquet")
