"""Experiments over thousands of models at once: who is in which group, and what came of it.

Reading order: `groups`, `exposures`, `ab_tests`, `bandits`, `offpolicy`, `blending`, `guardrails`;
every part takes tables of the whole fleet and answers with tables.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
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

    yield Accessor("experiments", "Groups, exposures, A/B tests, bandits and estimates.", make)


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the jobs of this package, each of which is `JOB` in a module of its own."""

    def load(module: str) -> Job[Any]:
        job: Job[Any] = import_module(f"argosy_experiments.{module}").JOB
        return job

    for name, summary, module in (
        ("ab_test", "Look at an A/B test of every model.", "ab_tests.job"),
        ("ab_revenue", "Compare what customers are worth, by test group.", "ab_tests.revenue"),
        ("bandit", "Let a bandit of every model learn.", "bandits.job"),
        ("bandit_replay", "Try a bandit on logs of random choices.", "bandits.replay_job"),
        ("offpolicy", "Estimate what another policy would have earned.", "offpolicy.job"),
    ):
        yield JobKind(name, summary, partial(load, module))


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy experiment`."""

    def load() -> click.Command:
        from argosy_experiments.command import experiment

        return experiment

    yield Command("experiment", "Groups, A/B tests, bandits, estimates, blended lists.", load)
