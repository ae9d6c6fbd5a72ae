"""A detector of drift by energy distance, and logistic regressions as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Detector, Loader

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from argosy.types import Predictor


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
