"""Compare a champion with its challengers: `argosy compare`, `fleet.compare`.

Both predict the same rows, and what differs is decided over the whole fleet. Reading order:
`request` (what is asked), `job` (which models, and what is decided over all of them), `pairs`
(which versions are compared), `work` (a chunk: test all pairs at once), `sides` and `layout` (the
predictions of both sides, row by row), `verdict`, `show`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Job, TriageCause
    from argosy_compare.request import Compare

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `compare`."""
    yield JobKind("compare", "Test whether challengers beat the champion of each model.", _job)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the cause `comparison failed`."""
    from argosy_compare.triage import CAUSE

    yield CAUSE


def _job() -> Job[Compare]:
    from argosy_compare.job import JOB

    return JOB
