"""How many models are in each state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from argosy_report.groups import grouped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATES = ("failed", "drifted", "unknown", "healthy")
"""What a model can be, worst first."""

_TEAMS = 30
_BAR = 1000


@dataclass(frozen=True, slots=True)
class Tally:
    """How many models are in each state."""

    label: str
    models: int
    counts: Mapping[str, int]

    def bar(self) -> Sequence[tuple[str, float, float]]:
        """Cut a bar of 1000 units by state: state, start, length.

        A state that any model is in gets at least 6 units, or one sick model would vanish.
        """
        present = [state for state in STATES if self.counts[state]]
        least = 6 * len(present)
        cuts, start = [], 0.0
        for state in present:
            length = 6 + (_BAR - least) * self.counts[state] / self.models
            cuts.append((state, start, length))
            start += length
        return cuts


def tally(models: pl.DataFrame, label: str = "all models") -> Tally:
    """Count models by state.

    >>> tally(pl.DataFrame({"state": ["failed", "healthy", "healthy"]})).counts["healthy"]
    2
    """
    counted = dict(models["state"].value_counts().iter_rows())
    return Tally(label, models.height, {state: counted.get(state, 0) for state in STATES})


def teams(models: pl.DataFrame) -> list[Tally]:
    """Count the models of each team, the one with most trouble first."""
    groups = grouped(models, _TEAMS, by=("team",))
    return [
        tally(groups.models.filter(pl.col("group") == index), label)
        for index, label in enumerate(groups.labels)
    ]
