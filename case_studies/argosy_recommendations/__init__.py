"""Thousands of recommenders cloned from one prototype, retrained and ranked every night.

`ranking` says how good ranked lists are, `recommenders` fits, keeps and asks the models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from argosy.types import Comparison, Loader, Metric, Predictor, Trainer

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    """Offer the format `recommender`."""
    from argosy.types import Loader

    def load(content: bytes) -> Predictor:
        from argosy_recommendations.recommenders.ranker import load

        return load(content)

    yield Loader("recommender", load)


@hookimpl
def argosy_trainers() -> Iterator[Trainer]:
    """Offer the trainer `recommender`."""
    from argosy.types import Trainer
    from argosy_recommendations.recommenders.settings import Settings

    def train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
        from argosy_recommendations.recommenders.training import train

        return train(lessons, rows)

    summary = "Ranks items by popularity, neighbours or EASE, whichever suits each model."
    yield Trainer("recommender", train, summary, Settings)


@hookimpl
def argosy_metrics() -> Iterator[Metric]:
    """Offer the metrics of ranked lists."""
    from argosy_recommendations.ranking import metrics

    yield from metrics.METRICS


@hookimpl
def argosy_comparisons() -> Iterator[Comparison]:
    """Offer the paired test of two rankings."""
    from argosy_recommendations.ranking import paired

    yield paired.COMPARISON
