"""Train scikit-learn models, and load them, saved as skops only: nothing pickle-like is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy import hookimpl
from argosy.types import Loader, Trainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from argosy.types import Predictor

argosy_api = ">=1.0,<2"


@hookimpl
def argosy_loaders() -> Iterator[Loader]:
    """Offer the format `skops`."""

    def load(content: bytes) -> Predictor:
        from argosy_sklearn.skops_format import load

        return load(content)

    yield Loader("skops", load)


@hookimpl
def argosy_trainers() -> Iterator[Trainer]:
    """Offer the trainer `sklearn`."""
    from argosy_sklearn.params import Params

    def train(lessons: pa.Table, rows: pa.Table) -> pa.Table:
        from argosy_sklearn.trainer import train

        return train(lessons, rows)

    yield Trainer("sklearn", train, "Fits an estimator of scikit-learn for each model.", Params)
