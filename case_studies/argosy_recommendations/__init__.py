"""Thousands of recommenders cloned from one prototype, trained anew and ranked every night.

Read `scenario` first, then `night`, `serving` (the day), `recommenders`, `generator`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Case, Command, Loader, Trainer

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    """Offer the format `recommender`."""
    from argosy_recommendations.offers import LOADER

    yield LOADER


@hookimpl
def argosy_trainers() -> Iterator[Trainer]:
    """Offer the trainer `recommender`."""
    from argosy_recommendations.offers import trainer

    yield trainer()


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy recommend`."""
    from argosy_recommendations.offers import RECOMMEND

    yield RECOMMEND


@hookimpl
def argosy_cases() -> Iterator[Case]:
    """Offer the case `recommendations`."""
    from argosy_recommendations.offers import nights

    yield nights()
