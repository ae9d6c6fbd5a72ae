"""A seeded fleet: what is registered, and the predictions that some of its models have logged."""

from pathlib import Path

import numpy as np
import polars as pl

import argosy
from argosy.fleet import Fleet

SEED = 20
ROWS = 20
"""Predictions that a model which is scored elsewhere has logged."""

_STORE = "s3://models"
"""Where artifacts are said to be; nobody looks for them."""
_WORDS = ["churn", "fraud", "demand", "price", "credit"]


def opened(url: str) -> Fleet:
    """Open or make a fleet of what is registered here, with data in the folder beside it."""
    fleet = argosy.open(url, create=True, actor="bench")
    fleet.add_root(_STORE, str(Path(url).parent))
    return fleet


def logging_models(models: int) -> int:
    """Return how many of the models are scored elsewhere, and so log their predictions."""
    return models // 20


def registrations(models: int, version: str = "1") -> pl.DataFrame:
    """One version of every model: a tenth has no owner, and the first log and have no artifact."""
    generator = np.random.default_rng(SEED + int(version))
    number = pl.int_range(models, eager=True)
    names = pl.Series(list("abcdefghij"))[number % 10] + "-model-" + _padded(number, 7)
    drawn = pl.DataFrame(
        {
            "model": names,
            "team": "team-" + _padded(pl.Series(generator.integers(0, 20, models)), 2),
            "owner": "person-" + _padded(pl.Series(generator.integers(0, 300, models)), 3),
            "word": pl.Series(_WORDS)[generator.integers(0, len(_WORDS), models)],
            "tier": generator.integers(1, 5, models),
            "region": pl.Series(["eu", "us", "apac"])[generator.integers(0, 3, models)],
            "auc": generator.uniform(0.5, 1, models).round(3),
            "run": generator.integers(0, 500, models),
            "owned": generator.uniform(size=models) > 0.1,
        }
    )
    logged = number < logging_models(models)
    return drawn.select(
        "model",
        "team",
        "tier",
        version=pl.lit(version),
        owner=pl.when("owned").then("owner"),
        purpose=pl.format("{} of segment {}", "word", "run"),
        template=pl.when(logged).then(pl.lit("logged")),
        tags=pl.struct("region", auc=pl.col("auc").cast(pl.String)),
        metrics=pl.struct("auc", log_loss=1 - pl.col("auc")),
        params=pl.struct(auc=pl.col("auc").cast(pl.String), depth=pl.lit("6")),
        code_revision=pl.format("run-{}", "run"),
        format=pl.when(logged).then(pl.lit("external")).otherwise(pl.lit("skops")),
        artifact=pl.when(~logged).then(
            pl.format(f"{_STORE}/{{}}/{{}}.skops", "model", pl.lit(version))
        ),
        digest=pl.when(~logged).then(pl.lit("sha256:" + "0" * 64)),
    )


def predictions(models: pl.Series) -> pl.DataFrame:
    """Return logged scores of a binary classification, `ROWS` for each model."""
    generator = np.random.default_rng(SEED)
    score = generator.uniform(size=len(models) * ROWS)
    return pl.DataFrame(
        {
            "model": models.to_frame().select(pl.col("model").repeat_by(ROWS).explode())["model"],
            "score": score,
            "label": (generator.uniform(size=len(score)) < score).astype(np.int64),
        }
    )


def _padded(number: pl.Series, digits: int) -> pl.Series:
    return number.cast(pl.String).str.zfill(digits)
