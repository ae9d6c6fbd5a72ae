"""Hold models to gates before a promotion: `argosy gate`, `fleet.gate`.

Reading order: `request` (what is asked), `job` (which models), `cases` (what is measured of them),
`work` (a chunk: measure versions, baselines and constants), `naive`, `judge` (what is decided over
all of them), `table` and `rules` (plain functions from a whole table of evaluations to who may
pass), `show`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Gate, Job, TriageCause
    from argosy_gate.request import Gate as Request

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `gate`."""
    yield JobKind("gate", "Hold models to the gates before a promotion.", _job)


@hookimpl
def argosy_gates() -> Iterator[Gate]:
    """Offer the gates that come with the job."""
    from argosy_gate.gates import GATES

    yield from GATES


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer the causes `gate not passed` and `below its gate`."""
    from argosy_gate.triage import CAUSES

    yield from CAUSES


def _job() -> Job[Request]:
    from argosy_gate.job import JOB

    return JOB
