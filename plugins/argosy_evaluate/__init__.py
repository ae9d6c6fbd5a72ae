"""Evaluate models on data with ground truth: `argosy evaluate`, `fleet.evaluate`.

Reading order: `request` (what is asked), `job` (which models, and what is decided over all of
them), `work` (a chunk: gather predictions, measure all groups at once), `slice_gaps` (with
`pairs` and `complements`, the rows beside a slice, and `gap_tests`, which stands on `fisher` and on
`permuted` with `draws` and `tails`; `base_rates` has the words), `already_measured`, `conclude`,
`show`; what users meet besides: `surfaces`, `command`, `picture`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import JobKind
from argosy_evaluate.surfaces import ASPECT, COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Aspect, Command, Job, TriageCause
    from argosy_evaluate.request import Evaluate

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `evaluate`."""
    yield JobKind("evaluate", "Evaluate models on data with ground truth.", _job)


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer what makes triage list a model for its evaluations, or for want of them."""
    from argosy_evaluate.triage import CAUSES

    yield from CAUSES


@hookimpl
def argosy_aspects() -> Iterator[Aspect]:
    """Offer the aspect `metrics`."""
    yield ASPECT


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy leaderboard`."""
    yield COMMAND


def _job() -> Job[Evaluate]:
    from argosy_evaluate.job import JOB

    return JOB
