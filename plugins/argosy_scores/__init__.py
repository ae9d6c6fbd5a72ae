"""Metrics of classifiers and regressions, each one expression over a whole fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Metric

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_metrics() -> Iterator[Metric]:
    """Offer the metrics that `README.md` beside this file defines."""
    from argosy_scores import classification, confusion, ranking, regression

    yield from classification.METRICS
    yield from confusion.METRICS
    yield from ranking.METRICS
    yield from regression.METRICS
