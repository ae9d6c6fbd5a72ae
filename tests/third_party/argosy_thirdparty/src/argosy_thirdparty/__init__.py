"""A detector of drift by energy distance, logistic regressions as JSON, and a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Detector, Loader, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from argosy.types import Happening, Predictor

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
def argosy_policies() -> Iterator[Policy]:
    """Offer the policy `purpose`."""

    def check(happening: Happening, options: None) -> pa.Table:
        from argosy_thirdparty.purpose import check

        return check(happening, options)

    summary = "A champion has a stated purpose."
    yield Policy("purpose", summary, frozenset({"set_alias"}), check)
