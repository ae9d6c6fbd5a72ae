"""Thousands of recommenders cloned from one prototype, retrained and ranked every night.

`ranking` says how good ranked lists are, `recommenders` fits, keeps and asks the models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click
    import polars as pl

    from argosy.types import Case, Command, Comparison, Metric, Stage

argosy_api = ">=1.0,<2"


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


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy recommend`."""
    from argosy.types import Command

    yield Command("recommend", "Say what to offer to a customer, from last night's lists.", _load)


@hookimpl
def argosy_cases() -> Iterator[Case]:
    """Offer the case `recommendations`."""
    from argosy.types import Case
    from argosy_recommendations.options import Options

    def run(stage: Stage) -> pl.DataFrame:
        from argosy_recommendations.scenario import play

        return play(stage)

    summary = "Nights of thousands of recommenders cloned from one prototype."
    yield Case("recommendations", summary, run, Options, needs_data=False)


def _load() -> click.Command:
    from argosy_recommendations.serving.command import recommend

    return recommend
