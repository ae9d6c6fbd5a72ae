"""A plugin that offers a name which another one offers too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Detector

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def argosy_detectors() -> Iterator[Detector]:
    """Offer the detector `energy` once more."""
    yield Detector("energy", frozenset({"numeric"}), lambda table: table, 0.5, "nothing")
