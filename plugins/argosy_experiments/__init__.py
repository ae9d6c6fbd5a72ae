"""Experiments over thousands of models at once: who is in which group, and what came of it.

Reading order: `groups`, `exposures`, `ab_tests`, `bandits`, `offpolicy`, `blending`, `guardrails`;
every part takes tables of the whole fleet and answers with tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy import hookimpl
from argosy.types import Accessor, Command, JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from argosy.types import Job

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_accessors() -> Iterator[Accessor]:
    """Add `fleet.experiments`."""

    def make(fleet: Any) -> Any:  # noqa: ANN401
        from argosy_experiments.experiments import Experiments

        return Experiments(fleet)

    yield Accessor("experiments", "Groups, exposures, A/B tests and off-policy estimates.", make)


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the jobs `ab_test` and `offpolicy`."""

    def ab_test() -> Job[Any]:
        from argosy_experiments.ab_tests.job import JOB

        return JOB

    def offpolicy() -> Job[Any]:
        from argosy_experiments.offpolicy.job import JOB

        return JOB

    yield JobKind("ab_test", "Look at an A/B test of every model.", ab_test)
    yield JobKind("offpolicy", "Estimate what another policy would have earned.", offpolicy)


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy experiment`."""

    def load() -> click.Command:
        from argosy_experiments.command import experiment

        return experiment

    yield Command("experiment", "Groups, A/B tests, off-policy estimates, blended lists.", load)
