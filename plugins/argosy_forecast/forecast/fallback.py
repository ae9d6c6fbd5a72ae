"""What stands in the place of a forecast that there is not: the season before, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_forecast.forecasters.naive import repeated
from argosy_forecast.grid import lag
from argosy_forecast.steps import microseconds, written

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_forecast.ahead import Ahead
    from argosy_forecast.asking import Asked
    from argosy_forecast.forecast.request import Forecast
    from argosy_forecast.grid import Grid

    Numbers = NDArray[np.float64]

_SEASONS = 56
"""How many seasons a fallback looks back: weeks of more than a year."""


def fallbacks(
    grid: Grid, ahead: Ahead, asked: Asked, request: Forecast
) -> tuple[Numbers, list[str | None]]:
    """Return the value of the season before, and of series whose data has not come since when.

    Returns:
        Shape (series, steps), NaN where there is none; and one reason per series, None where its
        newest known value is no older than it may be.
    """
    season = max(microseconds(request.season, "season") // grid.step, 1)
    past = season * (_SEASONS + 1 + (ahead.start - ahead.last + ahead.steps) // season)
    seen = grid.known(ahead.microseconds, ahead.last + 1 - past, ahead.last + 1).values
    end = np.array([seen.shape[1]])
    spare = repeated(seen, end, ahead.horizon, 0, season, _SEASONS).values[:, 0]
    return spare, _stale(
        grid, ahead, seen, microseconds(request.stale, "stale") + lag(asked.binding)
    )


def _stale(grid: Grid, ahead: Ahead, seen: Numbers, most: int) -> list[str | None]:
    there = np.isfinite(seen)
    newest = np.where(there.any(1), seen.shape[1] - 1 - np.argmax(there[:, ::-1], 1), -1)
    begin = ahead.last + 1 - seen.shape[1]
    return [
        _why(grid, ahead, begin + last if last >= 0 else None, most) for last in newest.tolist()
    ]


def _why(grid: Grid, ahead: Ahead, newest: int | None, most: int) -> str | None:
    if newest is None:
        since = written(grid.first + ahead.last * grid.step)
        return f"no value of it was known at {since}, nor in the year before"
    if (ahead.last - newest) * grid.step <= most:
        return None
    since = written(grid.first + newest * grid.step)
    return f"it has had no value since {since}: its feed may be down"
