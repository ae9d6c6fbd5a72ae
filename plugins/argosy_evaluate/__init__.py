"""Evaluate models on data with ground truth: `argosy evaluate`, `fleet.evaluate`.

Reading order: `request` (what is asked), `job` (which models, and what is decided over all of
them), `work` (a chunk: gather predictions, measure all groups at once), `slice_gaps`,
`already_measured`, `conclude`, `show`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Job, TriageCause
    from argosy_evaluate.request import Evaluate

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `evaluate`."""
    yield JobKind("evaluate", "Evaluate models on data with ground truth.", _job)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the cause `evaluation failed`."""
    from argosy_evaluate.triage import CAUSE

    yield CAUSE


def _job() -> Job[Evaluate]:
    from argosy_evaluate.job import JOB

    return JOB
