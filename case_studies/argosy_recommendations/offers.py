"""What the package offers; the work behind each is imported when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import Case, Command, Loader

if TYPE_CHECKING:
    import click
    import polars as pl
    import pyarrow as pa

    from argosy.types import Predictor, Stage, Trainer


def _load(content: bytes) -> Predictor:
    from argosy_recommendations.recommenders.ranker import load

    return load(content)


def _train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
    from argosy_recommendations.recommenders.training import train

    return train(lessons, rows)


def _recommend() -> click.Command:
    from argosy_recommendations.serving.command import recommend

    return recommend


def _play(stage: Stage) -> pl.DataFrame:
    from argosy_recommendations.scenario import play

    return play(stage)


LOADER = Loader("recommender", _load)
RECOMMEND = Command(
    "recommend", "Say what to offer to a customer, from last night's lists.", _recommend
)


def trainer() -> Trainer:
    """Make the trainer; its params need pydantic, which is imported where it is used."""
    from argosy.types import Trainer
    from argosy_recommendations.recommenders.settings import Settings

    summary = "Ranks items by popularity, neighbours or EASE, whichever suits each model."
    return Trainer("recommender", _train, summary, Settings)


def nights() -> Case:
    """Make the case, likewise with its options."""
    from argosy_recommendations.options import Options

    summary = "Nights of thousands of recommenders cloned from one prototype."
    return Case("recommendations", summary, _play, Options, needs_data=False)
