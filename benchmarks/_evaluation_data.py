"""Seeded logs of predictions: of binary models and of regressions, with a column of ten groups."""

from pathlib import Path

import numpy as np
import polars as pl

SEED = 20261125
_AT_ONCE = 1_000
"""Models whose rows are drawn, and lie in one file, together."""


def names(models: int) -> list[str]:
    """Return the names of models.

    >>> names(2)
    ['000000', '000001']
    """
    return [f"{number:06}" for number in range(models)]


def rows(models: range, each: int, seed: int = SEED) -> pl.DataFrame:
    """Return the log of some models, `each` rows of one after the other.

    >>> rows(range(2), 3).shape
    (6, 7)
    """
    generator = np.random.default_rng([seed, models.start])
    many = len(models) * each
    owner = np.repeat(np.arange(models.start, models.stop), each)
    score = generator.beta(2.0, 3.0, many)
    truth = generator.normal(100.0, 20.0, many)
    return pl.DataFrame(
        {
            "model": pl.Series(owner).cast(pl.String).str.zfill(6),
            "score": score,
            "label": (generator.random(many) < score).astype(np.int64),
            "forecast": truth + generator.normal(0.0, 5.0, many),
            "sales": truth,
            "group": pl.Series(generator.integers(0, 10, many)).cast(pl.String),
            "size": generator.normal(size=many),
        }
    )


def write(folder: Path, models: int, each: int) -> str:
    """Write the logs of all models, and return what they are bound to."""
    folder.mkdir(parents=True)
    for start in range(0, models, _AT_ONCE):
        part = range(start, min(start + _AT_ONCE, models))
        rows(part, each).write_parquet(folder / f"{start:06}.parquet", row_group_size=50 * each)
    return str(folder / "*.parquet")
