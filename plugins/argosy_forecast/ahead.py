"""The times that lie ahead of an origin, as columns of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_forecast.steps import instants, microseconds, position

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from argosy_forecast.grid import Grid


@dataclass(frozen=True, slots=True)
class Ahead:
    """The times that are forecast: columns of a grid, which may lie behind its end."""

    origin: datetime
    last: int
    """The column of the last time at or before the origin."""
    start: int
    """The column of the first time that is forecast."""
    steps: int

    @property
    def microseconds(self) -> int:
        """The origin since 1970 UTC."""
        return int(self.origin.timestamp() * 1_000_000)

    @property
    def horizon(self) -> NDArray[np.int64]:
        """How many steps each time lies after the last one at or before the origin."""
        first = self.start - self.last
        return np.arange(first, first + self.steps, dtype=np.int64)

    def times(self, grid: Grid) -> pl.Series:
        """Return the instants."""
        places = grid.first + (self.start + np.arange(self.steps)) * grid.step
        return instants(pl.Series(places), grid.clock)


def ahead_of(grid: Grid, origin: datetime, horizon: str, lead: str | None) -> Ahead:
    """Return the times that lie ahead of an origin.

    The first is the first step at or after the end of the lead; without one, the step after the
    origin.
    """
    here = position(origin, grid.clock)
    last = (here - grid.first) // grid.step
    start = last + 1 if lead is None else grid.column(here + microseconds(lead, "lead"))
    steps = max(microseconds(horizon, "horizon") // grid.step, 1)
    return Ahead(origin, last, max(start, last + 1), steps)
