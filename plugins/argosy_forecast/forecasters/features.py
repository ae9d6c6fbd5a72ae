"""What is known of series at origins, as arrays: shares of their own level, and the calendar.

An *end* is how many rows of a history lie at or before an origin; a *lead* is how many steps a
target lies after the last of them. Everything here reads rows before `end - delay` only, so what
was not known yet does not enter, whatever stands there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import across
from argosy_forecast.forecasters.local_time import holidays, local_time
from argosy_forecast.forecasters.outside import bent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEVEL_DAYS = 28
NEEDED_DAYS = 42
"""Days before an origin's last known row from which no feature is missing."""
LAGS = 10
DAYS = 7
_RECENT = 24


def lag_days(lead: int, delay: int, day: int) -> list[int]:
    """Return how many days before a target the rows lie that it is told from: ten of them.

    Example:
        >>> lag_days(lead=1, delay=0, day=24), lag_days(lead=24, delay=14, day=24)
        ([1, 2, 3, 4, 5, 6, 7, 14, 21, 28], [2, 3, 4, 5, 6, 7, 8, 14, 21, 28])
    """
    nearest = max(1, -(-(lead + delay) // day))
    run = list(range(nearest, nearest + DAYS))
    week = -(-nearest // 7) * 7
    return run + [week + 7 * each for each in range(1, LAGS - DAYS + 1)]


class Known(NamedTuple):
    """Cleaned series as they stand before each end."""

    values: Floats
    """Shape (S, T)."""
    day: int
    delay: int
    outside: Floats
    """Covariates known ahead, as `outside.measured` has them; shape (C, S, T or more)."""

    def standing(self, ends: Ints) -> Standing:
        """Return what is the same for all leads."""
        last = ends - self.delay
        day = self.day
        size = level(self.values, last, day)
        added = np.cumsum(self.values, axis=1)
        before = [
            _between(added, last - (back + 1) * day, last - back * day) for back in range(DAYS)
        ]
        parts = max(each for each in range(1, _RECENT + 1) if day % each == 0)
        rows = last[:, None, None] - 1 - np.arange(day).reshape(parts, -1)
        recent = across(self.values[:, rows]) * (parts / day)
        wide = size[:, :, None]
        return Standing(size, np.stack(before, axis=-1) / day / wide, recent / wide)

    def lags(self, ends: Ints, lead: int) -> Floats:
        """Return the same time of day on earlier days; shape (S, N, LAGS)."""
        back = np.array(lag_days(lead, self.delay, self.day)) * self.day
        return self.values[:, (ends - 1 + lead)[:, None] - back]

    def weather(self, ends: Ints, lead: int) -> Floats:
        """Return covariates at targets and at their nearest lags; shape (S, N, 8 C)."""
        if not len(self.outside):
            return np.zeros((len(self.values), len(ends), 0))
        targets = np.minimum(ends - 1 + lead, self.outside.shape[2] - 1)
        back = lag_days(lead, self.delay, self.day)[0] * self.day
        both = self.outside[:, :, np.stack([targets, ends - 1 + lead - back], axis=-1)]
        terms = np.moveaxis(bent(both), 0, -1)
        return terms.reshape(*terms.shape[:2], -1)


class Standing(NamedTuple):
    """How series stand at ends."""

    level: Floats
    """As `level` has it; shape (S, N)."""
    days: Floats
    """Means of the last seven days known, the latest first, over the level; shape (S, N, DAYS)."""
    recent: Floats
    """The last day known, the latest first, in 24 parts or fewer, over the level; (S, N, R)."""


def level(values: Floats, last: Ints, day: int) -> Floats:
    """Return the mean size over four weeks before each of some rows, 1 where it is 0.

    Args:
        values: shape (S, T).
        last: how many rows are known at each origin; shape (N,).
        day: steps of a day.
    """
    length = LEVEL_DAYS * day
    sizes = np.cumsum(np.abs(values), axis=1)
    mean = _between(sizes, last - length, last) / np.clip(last, 1, length)
    rounding = 1e-12 * sizes[:, np.maximum(last - 1, 0)]
    return np.where(mean <= rounding, 1.0, mean)


def _between(added: Floats, first: Ints, end: Ints) -> Floats:
    """Return sums of rows from their running sums."""
    before = np.where(first > 0, added[:, np.maximum(first - 1, 0)], 0.0)
    return np.where(end > 0, added[:, np.maximum(end - 1, 0)], 0.0) - before


class Calendar(NamedTuple):
    """The calendar at targets, a row per place; arrays of shape (Z, N)."""

    place: Ints
    """Of every series."""
    hour: Floats
    weekday: Ints
    year: Floats
    summer: Floats
    holiday: Floats
    """That day, the day before and after, the day of the nearest lag, a week before; 0 or 1, shape
    (Z, N, 5)."""


def calendar(call: Call, ends: Ints, lead: int, nearest: int, country: str) -> Calendar:
    """Read the calendar at the targets of a lead."""
    kinds = [(zone, own or country) for zone, own in zip(call.zones, call.countries, strict=True)]
    places = sorted(set(kinds))
    times = call.times[0] + (ends - 1 + lead) * call.step
    there = [local_time(times, zone) for zone, _ in places]
    days = []
    for (_, whose), each in zip(places, there, strict=True):
        free = holidays(whose, int(each.date.min()) - 8, int(each.date.max()) + 1)
        beside: Sequence[int] = (0, -1, 1, -nearest, -7)
        days.append(np.stack([np.isin(each.date + by, free) for by in beside], axis=-1))
    return Calendar(
        np.array([places.index(kind) for kind in kinds]),
        np.stack([each.hour for each in there]),
        np.stack([each.weekday for each in there]),
        np.stack([each.year for each in there]),
        np.stack([each.summer for each in there]),
        np.stack(days).astype(np.float64),
    )
