"""A detector of drift by energy distance, logistic regressions as JSON, a job, and a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argosy import hookimpl
from argosy.types import Detector, JobKind, Loader, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from argosy.types import ChangeEvent, Job, Predictor

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    """Offer the detector `energy`."""

    def measure(table: pa.Table) -> pa.Table:
        from argosy_thirdparty.energy import measure

        return measure(table)

    yield Detector("energy", frozenset({"numeric"}), measure, 0.02, "energy coefficient")


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    """Offer the model format `logistic-json`."""

    def load(content: bytes) -> Predictor:
        from argosy_thirdparty.logistic import load

        return load(content)

    yield Loader("logistic-json", load)


@hookimpl
def argosy_jobs() -> Iterator[JobKind]:
    """Offer the job `constants`."""

    def load() -> Job[Any]:
        from argosy_thirdparty.constants import JOB

        return JOB

    yield JobKind("constants", "Find features that have one value only.", load)


@hookimpl
def argosy_policies() -> Iterator[Policy]:
    """Offer the policy `purpose`."""

    def check(event: ChangeEvent, options: None) -> pa.Table:
        from argosy_thirdparty.purpose import check

        return check(event, options)

    summary = "A champion has a stated purpose."
    yield Policy("purpose", summary, frozenset({"set_alias"}), check)
