"""How good ranked lists are, and whether one ranking is better than another.

Reading order: `lists` (what a list is worth, row by row), `metrics` (means, intervals, coverage
and novelty), `paired` (the test of two rankings).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Comparison, Metric

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_metrics() -> Iterator[Metric]:
    """Offer the metrics of ranked lists."""
    from argosy_ranking.metrics import METRICS

    yield from METRICS


@hookimpl
def argosy_comparisons() -> Iterator[Comparison]:
    """Offer the paired test of two rankings."""
    from argosy_ranking.paired import COMPARISON

    yield COMPARISON
