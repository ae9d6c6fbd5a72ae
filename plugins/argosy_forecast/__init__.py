"""Forecast many series from what was known at the time, and hold forecasts to what came true.

Read `forecaster`, `model`, `trainer`, `grid`, `asking`, `jobs`, `metrics`, `hierarchy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import EntityKind, JobKind, Loader, TaskKind, Trainer, TriageCause

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_tasks() -> Iterator[TaskKind]:
    """Offer the task `forecast`."""
    from argosy_forecast.task import TASK_KIND

    yield TASK_KIND


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    """Offer the format `forecast`."""
    from argosy_forecast.model import LOADER

    yield LOADER


@hookimpl
def argosy_trainers() -> Iterator[Trainer]:
    """Offer the trainer `forecast`."""
    from argosy_forecast.params import TRAINER

    yield TRAINER


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the jobs `backtest`, `forecast` and `reconcile`."""
    from argosy_forecast.jobs import JOBS

    yield from JOBS


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the cause `forecast fell back`."""
    from argosy_forecast.triage import CAUSE

    yield CAUSE


@hookimpl
def argosy_kinds() -> Iterator[EntityKind]:
    """Offer hierarchies: what adds up to what, and from when until when."""
    from argosy_forecast.hierarchy.kind import HIERARCHY

    yield HIERARCHY
