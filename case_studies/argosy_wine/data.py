"""The wines, split where the case splits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

FILE = "drift_wine_quality.parquet"
"""Wine Quality: Cortez et al., Decision Support Systems 47(4), 2009; UCI repository, CC BY 4.0."""

COLOURS = ("red", "white")

FEATURES = (
    "fixed_acidity",
    "volatile_acidity",
    "citric_acid",
    "residual_sugar",
    "chlorides",
    "free_sulfur_dioxide",
    "total_sulfur_dioxide",
    "density",
    "ph",
    "sulphates",
    "alcohol",
)
"""What is measured of a wine; `quality` (3 to 9) is foretold."""


SPLITS = 5
"""Random splits per colour: the error on the high side moves by 10 % from one to another."""


def models() -> pl.DataFrame:
    """Name the models: one per colour and split, with the columns `model`, `colour`, `split`."""
    return pl.DataFrame(
        {"model": f"{colour}-{split}", "colour": colour, "split": split}
        for colour in COLOURS
        for split in range(SPLITS)
    )


def windows(folder: Path) -> dict[str, pl.DataFrame]:
    """Split the wines of each colour at their median alcohol, and the low side 70 to 30.

    The low side, the median included, gives `reference` (a random 70 %) and `holdout` (the
    rest), anew for each model; the high side is `current`. The original repeats rows, and a
    random split leaves some wines on both sides of it: the reference figures were made so, and
    the holdout error is that much too kind.

    Returns one table per role, with the columns `model`, `colour`, the features and `quality`.

    Raises:
        BadInput: if the folder does not hold the file.
    """
    path = folder / FILE
    if not path.is_file():
        raise BadInput(f"the case needs {FILE}, which is not in {folder}; name its folder: --data")
    wines = pl.read_parquet(path).select("colour", *FEATURES, "quality")
    median = pl.col("alcohol").median().over("colour")
    low = wines.filter(pl.col("alcohol") <= median)
    named = models()
    deals = [
        _deal(low.filter(colour=colour), split, model) for model, colour, split in named.rows()
    ]
    return {
        "reference": pl.concat(reference for reference, _ in deals),
        "holdout": pl.concat(holdout for _, holdout in deals),
        "current": named.select("model", "colour").join(
            wines.filter(pl.col("alcohol") > median), on="colour"
        ),
    }


def _deal(rows: pl.DataFrame, split: int, model: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows at random: 70 % and the rest."""
    order = np.random.default_rng(split).permutation(rows.height)
    cut = int(0.7 * rows.height)
    named = rows.select(pl.lit(model).alias("model"), pl.all())
    return named[order[:cut]], named[order[cut:]]
