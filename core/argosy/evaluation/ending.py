"""What is decided once all chunks have been measured, a chunk's rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy.evaluation.gaps import adjusted
from argosy.evaluation.work import failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.jobs.staging import Staged


@dataclass(frozen=True, slots=True)
class Ending:
    """What an evaluation found."""

    found: Staged
    lost: pl.DataFrame
    """`model`, `version` and `reason` of those that no chunk came to."""
    dataset: str
    """The role of the data."""

    def results(self) -> Iterator[pl.DataFrame]:
        """Return every row, with p-values adjusted over all slices of all models."""
        place = 0
        q_values = self._q_values()
        for part in self._parts():
            yield part.with_columns(
                q_values.slice(place, part.height), dataset=pl.lit(self.dataset)
            )
            place += part.height

    def failures(self) -> pl.DataFrame:
        """Return the rows that failed."""
        return pl.concat(
            [part.filter(status="failed") for part in self._parts()], how="diagonal_relaxed"
        ).with_columns(dataset=pl.lit(self.dataset))

    def broken(self) -> int:
        """Count the models that could not be evaluated."""
        return self.failures().filter(pl.col("metric").is_null())["model"].n_unique()

    def _parts(self) -> Iterator[pl.DataFrame]:
        yield failed(self.lost)
        yield from self.found.parts("evaluations")

    def _q_values(self) -> pl.Series:
        each = [part.select("metric", "p_value") for part in self._parts()]
        return adjusted(pl.concat(each))["q_value"]
