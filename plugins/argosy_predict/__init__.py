"""Let models predict in batches: `argosy predict`, `fleet.predict`.

What they predict is kept in files beside the fleet, and looked up from there.

Reading order: `request` (what is asked), `job` (which versions, and what is bound afterwards),
`work` (a chunk: each model predicts its rows), `files` (how they are written).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Job, TriageCause
    from argosy_predict.request import Predict

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `predict`."""
    yield JobKind("predict", "Let models predict in batches, into files beside the fleet.", _job)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the cause `prediction failed`."""
    from argosy_predict.triage import CAUSE

    yield CAUSE


def _job() -> Job[Predict]:
    from argosy_predict.job import JOB

    return JOB
