"""Train a new version of each model of a template: `argosy train`, `fleet.train`.

Reading order: `request` (what is asked), `job` (which models, and what is registered in one change
with the run), `assignments` (what each model is to learn), `work` (a chunk: many models at once),
`artifacts` (what was trained, kept as files).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Job, TriageCause
    from argosy_train.request import Train

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `train`."""
    yield JobKind("train", "Train a new version of each model of a template.", _job)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the causes `training failed` and `no version`."""
    from argosy_train.triage import CAUSES

    yield from CAUSES


def _job() -> Job[Train]:
    from argosy_train.job import JOB

    return JOB
