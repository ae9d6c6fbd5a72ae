"""Logistic regressions as JSON: `{"classes": [0, 1], "intercept": -1, "weights": {"x": 2}}`."""

from __future__ import annotations

import json
from dataclasses import dataclass

import polars as pl

from argosy.errors import ArtifactError


@dataclass
class Logistic:
    """A binary classifier."""

    classes: tuple[object, ...]
    intercept: float
    weights: dict[str, float]
    task: str = "binary"

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Predict every row, in order, with the probabilities of both classes."""
        terms = [pl.col(name) * weight for name, weight in self.weights.items()]
        first, second = self.classes
        odds = pl.sum_horizontal(self.intercept, *terms)
        return (
            rows.select(chance=1 / (1 + (-odds).exp()))
            .with_columns(other=1 - pl.col("chance"))
            .select(
                prediction=pl.when(pl.col("chance") >= 0.5)
                .then(pl.lit(second))
                .otherwise(pl.lit(first)),
                probabilities=pl.concat_list("other", "chance"),
            )
        )


def load(content: bytes) -> Logistic:
    """Parse verified content; nothing in it is ever executed.

    Raises:
        ArtifactError: if it is no logistic regression.
    """
    try:
        found = json.loads(content)
        first, second = found["classes"]
        weights = {str(name): float(by) for name, by in found["weights"].items()}
        return Logistic((first, second), float(found["intercept"]), weights)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtifactError(f"it is no logistic regression as JSON: {error}") from error
