"""Estimate how models do before their labels are there: `argosy estimate`, `fleet.estimate`.

Estimators learn on rows with a truth, and apply what they learnt to rows without one.

Reading order: `request` (what is asked), `job` (which models, and what is written of them), `work`
(a chunk: fit what is not fitted yet, then estimate), `sides` (what models predicted on either
side), `fits` (what was learnt, kept for later runs), `aspect` and
`realised` (what `argosy show` says of a model).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Aspect, Job, TriageCause
    from argosy_estimate.request import Estimate

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `estimate`."""
    yield JobKind("estimate", "Estimate how models do before their labels are there.", _job)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the causes `concept drift`, `estimate failed` and `estimate unknown`."""
    from argosy_estimate.triage import CAUSES

    yield from CAUSES


@hookimpl
def argosy_aspects() -> Iterator[Aspect]:
    """Offer the aspect `estimates`."""
    from argosy_estimate.aspect import ASPECT

    yield ASPECT


def _job() -> Job[Estimate]:
    from argosy_estimate.job import JOB

    return JOB
