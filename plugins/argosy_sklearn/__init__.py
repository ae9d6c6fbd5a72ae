"""Load scikit-learn models, saved as skops only: nothing pickle-like is ever opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.types import Predictor

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    """Offer the format `skops`."""

    def load(content: bytes) -> Predictor:
        from argosy_sklearn.skops_format import load

        return load(content)

    yield Loader("skops", load)
