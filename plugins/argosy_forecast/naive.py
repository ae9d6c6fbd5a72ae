"""The forecast that needs no model: what was known last of the same time of the season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SEASONS = 4
"""How many seasons it looks back for a value that is there, unless told otherwise."""


def seasonal(
    history: Numbers, season: int, start: int, steps: int, seasons: int = SEASONS
) -> Numbers:
    """Return the newest known value that lies whole seasons before each time.

    Where the newest is missing, the one of the season before is taken, up to `seasons` of them.

    Args:
        history: shape (series, times), NaN where nothing is known.
        season: its steps.
        start: steps from the end of the history to the first time that is forecast; at least 0.
        steps: how many times are forecast.
        seasons: how many it looks back.

    Returns:
        Shape (series, steps); NaN where there is none in any of the seasons.

    >>> seasonal(np.array([[1.0, 2.0, np.nan, 4.0]]), 2, 0, 3).tolist()
    [[1.0, 4.0, 1.0]]
    """
    ahead = start + np.arange(steps)
    found = np.full((len(history), steps), np.nan)
    for back in range(seasons):
        place = history.shape[1] + ahead - (ahead // season + 1 + back) * season
        there = place >= 0
        part = np.full_like(found, np.nan)
        part[:, there] = history[:, place[there]]
        np.copyto(found, part, where=np.isnan(found))
    return found
