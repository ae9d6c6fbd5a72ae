"""From when the past is forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy_forecast.steps import instants, microseconds, position

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from argosy_forecast.backtest.request import Backtest
    from argosy_forecast.grid import Grid


def by_last(grid: Grid, request: Backtest) -> Iterator[tuple[NDArray[np.int64], list[datetime]]]:
    """Yield the lines of a grid whose origins are the same, and these, the oldest first.

    Unless the request names the last origin, a series has its own: the last one of which all times
    ahead have come true.
    """
    if request.until is not None:
        yield (
            np.arange(len(grid.names)),
            _spaced(grid, request, position(request.until, grid.clock)),
        )
        return
    there = np.isfinite(grid.latest(0, grid.times).values)
    newest = np.where(there.any(1), grid.times - 1 - np.argmax(there[:, ::-1], 1), 0)
    steps = max(microseconds(request.horizon, "horizon") // grid.step, 1)
    lead = microseconds(request.lead, "lead") if request.lead else grid.step
    for last in np.unique(newest).tolist():
        origin = grid.first + (last - steps + 1) * grid.step - lead
        yield np.flatnonzero(newest == last), _spaced(grid, request, origin)


def _spaced(grid: Grid, request: Backtest, last: int) -> list[datetime]:
    every = microseconds(request.every, "every")
    places = last - np.arange(request.origins, dtype=np.int64)[::-1] * every
    return instants(pl.Series(places), grid.clock).to_list()
