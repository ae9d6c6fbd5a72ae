"""From what was added up to numbers, each with the reason where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import down
from argosy_forecast.metrics import peaks
from argosy_forecast.metrics.sums import (
    ABSOLUTE,
    COUNT,
    SCALED,
    SCALED_COUNT,
    SIGNED,
    SQUARED,
    SYMMETRIC,
    TRUTH,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

NO_TRUTH = "no truth is known yet"
NO_FORECAST = "there is no forecast"
NEVER_BOTH = "no row has both a truth and a forecast"
ALL_ZERO = "the truth is zero throughout, so there is nothing to compare errors with"
NO_SCALE = "the history never changes, or is not known, so there is no scale"
NO_QUANTILES = "there are no quantiles"
NO_WHOLE_DAY = "no day is whole"
TOO_LARGE = "it is larger than a number can be"
NO_NAIVE = "there is no naive forecast of these rows"
NEVER_WRONG = "the naive forecast is never wrong here"
NO_INTERVAL = "the naive forecast has no intervals"
NO_LOSS = "it is no loss: smaller is not better"
REASONS = (
    *(NO_TRUTH, NO_FORECAST, NEVER_BOTH, ALL_ZERO, NO_SCALE, NO_QUANTILES, NO_WHOLE_DAY),
    *(TOO_LARGE, NO_NAIVE, NEVER_WRONG, NO_INTERVAL, NO_LOSS, None),
)


class Figure(NamedTuple):
    """One metric of all groups."""

    metric: str
    level: float | None
    """Of a quantile, or the share that an interval is to hold."""
    value: Floats
    """NaN where the group has none."""
    alike: Floats
    """The same on rows that have a naive forecast too: what the skill is told from."""
    naive: Floats
    """Of the naive forecast, on those rows; NaN where there is none."""
    n: Floats
    """How many rows, or days, it is of."""
    asked: Floats
    """How many there are at all."""
    why: str
    """The reason for NaN where rows are there."""
    skill: str = ""
    """Why no skill can be told of it; nothing where it can."""


def by_row(own: Floats, alike: Floats, naive: Floats, asked: Floats) -> Iterator[Figure]:
    """Yield the metrics of single numbers.

    Args:
        own: what `argosy_forecast.metrics.sums.errors` adds up of the forecasts.
        alike: the same on rows that have a naive forecast too.
        naive: of the naive forecast.
        asked: how many rows each group has.
    """
    for metric, made in _BY_ROW.items():
        over = SCALED_COUNT if metric == "mase" else COUNT
        mine, both, theirs = (made(side) for side in (own, alike, naive))
        why = {"wape": ALL_ZERO, "mase": NO_SCALE}.get(metric, TOO_LARGE)
        skill = NO_LOSS if metric == "bias" else ""
        yield Figure(metric, None, mine, both, theirs, own[over], asked, why, skill)


def by_day(own: Floats, alike: Floats, naive: Floats) -> Iterator[Figure]:
    """Yield the metrics of days, of what `argosy_forecast.metrics.peaks.days` adds up."""
    for metric, place in _BY_DAY.items():
        mine, both, theirs = (_over(one[place], one[peaks.DAYS]) for one in (own, alike, naive))
        n, asked = own[peaks.DAYS], own[peaks.ANY_DAY]
        yield Figure(metric, None, mine, both, theirs, n, asked, NO_WHOLE_DAY)


def by_level(
    levels: tuple[float, ...], own: Floats, alike: Floats, naive: Floats, n: Floats, asked: Floats
) -> Iterator[Figure]:
    """Yield the pinball loss of each level, and CRPS: twice their mean.

    Args:
        levels: of the quantiles.
        own: what `argosy_forecast.metrics.sums.pinballs` adds up, and in a last row of how many.
        alike: the same on rows that have a naive forecast too.
        naive: of the naive forecast, which has one number for all levels.
        n: how many rows have a truth and all quantiles.
        asked: how many rows each group has.
    """
    sides = [_over(side[:-1], side[-1]) for side in (own, alike, naive)]
    for place, level in enumerate(levels):
        mine, both, theirs = (side[place] for side in sides)
        yield Figure("pinball", level, mine, both, theirs, n, asked, NO_QUANTILES)
    mine, both, theirs = (2 * down(side) / len(levels) for side in sides)
    yield Figure("crps", None, mine, both, theirs, n, asked, NO_QUANTILES)


def by_interval(
    shares: tuple[float, ...], own: Floats, n: Floats, asked: Floats
) -> Iterator[Figure]:
    """Yield coverage and Winkler's score, of what `sums.intervals` adds up."""
    none = np.full(len(n), np.nan)
    for metric, sums in zip(("coverage", "winkler"), own, strict=True):
        for share, found in zip(shares, sums, strict=True):
            value = _over(found, n)
            skill = NO_LOSS if metric == "coverage" else NO_INTERVAL
            yield Figure(metric, share, value, none, none, n, asked, NO_QUANTILES, skill)


def reasons(figure: Figure, truths: Floats, guesses: Floats, rows: Floats) -> Codes:
    """Say of every group, as a place in `REASONS`, why it has no value; the last where it has one.

    Args:
        figure: of all groups.
        truths: how many rows of each group have a truth.
        guesses: how many have a forecast, or quantiles where it is made of them.
        rows: how many have both.
    """
    none = NO_QUANTILES if figure.why == NO_QUANTILES else NO_FORECAST
    bare = np.where(truths == 0, _code(NO_TRUTH), _code(NEVER_BOTH))
    bare[(guesses == 0) & (truths > 0)] = _code(none)
    found = np.where(rows == 0, bare, _code(figure.why))
    found[np.isinf(figure.value)] = _code(TOO_LARGE)
    found[np.isfinite(figure.value)] = _code(None)
    return found


def skills(figure: Figure, why: Codes) -> tuple[Floats, Codes]:
    """Return 1 less the share of the naive forecast's error that is left, or why there is none.

    Args:
        figure: of all groups.
        why: what `reasons` says of it.
    """
    if figure.skill:
        return np.full(len(figure.n), np.nan), np.full(len(figure.n), _code(figure.skill))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        skill = 1 - figure.alike / figure.naive
    found = np.where(np.isnan(figure.naive), _code(NO_NAIVE), _code(TOO_LARGE))
    found[figure.naive == 0] = _code(NEVER_WRONG)
    found = np.where(np.isnan(figure.value), why, found)
    found[np.isfinite(skill)] = _code(None)
    return skill, found


def _code(reason: str | None) -> int:
    return REASONS.index(reason)


def _over(total: Floats, count: Floats) -> Floats:
    """Return a mean: NaN of nothing, infinite where the sums outgrew what numbers can be."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = total / count
    return np.where(count > 0, np.where(np.isnan(mean), np.inf, mean), np.nan)


_BY_ROW: Mapping[str, Callable[[Floats], Floats]] = {
    "mae": lambda sums: _over(sums[ABSOLUTE], sums[COUNT]),
    "rmse": lambda sums: np.sqrt(_over(sums[SQUARED], sums[COUNT])),
    "wape": lambda sums: _over(sums[ABSOLUTE], sums[TRUTH]),
    "smape": lambda sums: 100 * _over(sums[SYMMETRIC], sums[COUNT]),
    "mase": lambda sums: _over(sums[SCALED], sums[SCALED_COUNT]),
    "bias": lambda sums: _over(sums[SIGNED], sums[COUNT]),
}
_BY_DAY = {
    "peak": peaks.PEAK,
    "peak_hour": peaks.PEAK_HOUR,
    "peak_time": peaks.PEAK_TIME,
    "ramp": peaks.RAMP,
}
