"""What is decided once all chunks have been measured, a chunk's rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from argosy.evaluation.gaps import adjusted
from argosy.evaluation.work import failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argosy.jobs.staging import Staged


@dataclass(frozen=True)
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
        q_values, _ = self._seen
        for part in self._parts():
            own = q_values.slice(place, part.height)
            yield part.with_columns(own, dataset=pl.lit(self.dataset))
            place += part.height

    def failures(self) -> pl.DataFrame:
        """Return the rows that failed."""
        return self._seen[1]

    def broken(self) -> int:
        """Count the models that could not be evaluated."""
        return self.failures().filter(pl.col("metric").is_null())["model"].n_unique()

    @cached_property
    def _seen(self) -> tuple[pl.Series, pl.DataFrame]:
        """Look at all rows once: the adjusted p-value of each, and those that failed."""
        each, failures = [], []
        for part in self._parts():
            each.append(part.select("metric", "p_value"))
            failures.append(part.filter(status="failed"))
        found = pl.concat(failures, how="diagonal_relaxed")
        q_values = adjusted(pl.concat(each))["q_value"]
        return q_values, found.with_columns(dataset=pl.lit(self.dataset))

    def _parts(self) -> Iterator[pl.DataFrame]:
        yield failed(self.lost)
        yield from self.found.parts("evaluations")
