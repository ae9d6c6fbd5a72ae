"""What is decided once all chunks have been measured, a chunk's rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import polars as pl

from argosy.types import Portion
from argosy.views.counts import missed
from argosy_evaluate.slice_gaps import adjusted
from argosy_evaluate.work import described, failed

if TYPE_CHECKING:
    from argosy.types import Answers


@dataclass(frozen=True)
class EvaluationConclusion:
    """What an evaluation found."""

    found: Answers
    lost: pl.DataFrame
    """`model`, `version` and `reason` of those that no chunk came to."""
    dataset: str
    """The role of the data."""
    silent: pl.DataFrame
    """A row for each model that has no rows any more, though its file goes on."""

    def results(self) -> list[Portion]:
        """Return every row, with p-values adjusted over all slices of all models.

        There is a portion per chunk, and each may be made in a thread of its own.
        """
        q_values = self._seen[0]
        adjusted_, place = [], 0
        for portion in self._portions():
            own = q_values.slice(place, portion.rows)
            adjusted_.append(Portion(portion.rows, partial(self._adjusted, portion, own)))
            place += portion.rows
        return adjusted_

    def _adjusted(self, portion: Portion, q_values: pl.Series) -> pl.DataFrame:
        return portion.make().with_columns(q_values, dataset=pl.lit(self.dataset))

    def failures(self) -> pl.DataFrame:
        """Return the rows that failed."""
        return self._seen[1]

    def missed(self) -> tuple[int, int]:
        """Count the models of which nothing was measured, and those that lack something."""
        return missed([self._seen[2]])

    @cached_property
    def _seen(self) -> tuple[pl.Series, pl.DataFrame, pl.DataFrame]:
        """Look at all rows once: adjusted p-values, failed rows, and each model's statuses."""
        each, failures, statuses = [], [], []
        for portion in self._portions():
            part = portion.make()
            each.append(part.select("p_value"))
            failures.append(part.filter(status="failed"))
            statuses.append(part.select("model", "status").unique())
        found = pl.concat(failures, how="diagonal_relaxed")
        q_values = adjusted(pl.concat(each))["q_value"]
        return q_values, found.with_columns(dataset=pl.lit(self.dataset)), pl.concat(statuses)

    def _portions(self) -> list[Portion]:
        lost = Portion(self.lost.height, partial(failed, self.lost))
        silent = Portion(self.silent.height, partial(described, self.silent))
        return [lost, silent, *self.found.portions("evaluations")]
