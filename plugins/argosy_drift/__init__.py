"""Check models for drift: `argosy drift`, `fleet.check_drift`.

Current rows are compared with reference rows, and only what is true fleet-wide alerts.

Reading order: `request`, `job` (which models, and what is decided over all of them), `work` (a
chunk). A chunk: `features`, `wide_numbers`, `column_batches`, `column_values`, `sides`, `profiles`
(of references), `baselines`, `spellings`, `pairs`, `joint`, `time_course`, `seasons`,
`call_detectors`. Over all: `rules`, `correction`, `k_of_m`, `verdict`, `causes`, `conclude`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy_drift.surfaces import ASPECT, COMMAND, JOBS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Aspect, Command, Detector, EntityKind, JobKind, TriageCause

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the jobs `drift` and `close`."""
    yield from JOBS


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    """Offer `seasons`, which judges windows against those of their season."""
    from argosy_drift.season_detector import DETECTOR

    yield DETECTOR


@hookimpl
def argosy_kinds() -> Iterator[EntityKind]:
    """Offer excuses: columns that need not be judged."""
    from argosy_drift.excuse import EXCUSE

    yield EXCUSE


@hookimpl
def argosy_causes() -> Iterator[TriageCause]:
    """Offer what makes triage list a model for its drift, or for what is not known of it."""
    from argosy_drift.triage import CAUSES

    yield from CAUSES


@hookimpl
def argosy_aspects() -> Iterator[Aspect]:
    """Offer the aspect `drift`."""
    yield ASPECT


@hookimpl
def argosy_commands() -> Iterator[Command]:
    """Offer `argosy incidents`."""
    yield COMMAND
