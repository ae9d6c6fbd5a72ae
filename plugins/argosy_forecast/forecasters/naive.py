"""The reading of a season ago, which every other forecaster has to beat.

Where it is missing, the one of the season before stands in, and the answer says so; readings are
taken as they came. What is not known yet is missing too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import Field

from argosy_forecast.forecasters.call import DAY
from argosy_forecast.forecasters.cleaning import cleaned
from argosy_forecast.forecasters.features import LEVEL_DAYS, level
from argosy_forecast.forecasters.member import Answer, Learnt, Member
from argosy_forecast.forecasters.origins import Held, ends, held_out, truths
from argosy_forecast.forecasters.settings import Params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class NaiveParams(Params):
    """Params of `seasonal_naive`."""

    period: int = Field(default=0, ge=0)
    """Steps of a season; 0: those of a week, or 1 where a step is longer than a day."""
    seasons: int = Field(default=4, ge=1, le=60)
    """How many seasons it looks back for a reading."""
    horizon: int = Field(default=0, ge=0, le=10_000)
    """Up to which step held-out errors are looked at; it answers any. 0: as many as a day has."""


class Repeated(NamedTuple):
    """Readings of earlier seasons; shape (S, O, H)."""

    values: Floats
    """NaN where no season has a reading."""
    seasons: Ints
    """How many seasons back it was found."""


def repeated(
    values: Floats, found: Ints, leads: Ints, delay: int, period: int, seasons: int
) -> Repeated:
    """Return the newest reading a whole number of seasons before each target; shape (S, O, H).

    Example:
        >>> week = np.array([[1.0, 2.0, np.nan, 4.0]])
        >>> repeated(week, np.array([4]), np.arange(1, 4), 0, 2, 4).values.tolist()
        [[[1.0, 4.0, 1.0]]]
    """
    answer = np.full((len(values), len(found), len(leads)), np.nan)
    back = np.zeros(answer.shape, np.int64)
    nearest = -(-(leads + delay) // period)
    for season in range(seasons):
        rows = (found - 1)[:, None] + leads - (nearest + season) * period
        there = values[:, np.maximum(rows, 0)]
        fill = np.isnan(answer) & np.isfinite(there) & (rows >= 0)
        answer[fill] = there[fill]
        back[fill] = season + 1
    return Repeated(answer, back)


def _learn(call: Call, params: NaiveParams) -> Learnt:
    delay = call.delay if params.delay < 0 else params.delay
    period = params.period or (7 * call.day if call.step <= DAY else 1)
    leads = np.arange(1, (params.horizon or call.day) + 1)
    own = {"period": period, "seasons": params.seasons, "delay": delay}
    every = ends(call.times, int(call.times[-1] % DAY), LEVEL_DAYS * call.day + delay)
    out = held_out(call, every, leads, params.held)
    if not len(out):
        return Learnt(own, None)
    clean = cleaned(call.values, call.day)
    sizes = level(clean.values, out - delay, call.day)
    said = repeated(call.values, out, leads, delay, period, params.seasons)
    true = truths(call.values, clean.codes, out, leads)
    return Learnt(own, Held(out, leads, said.values, true, sizes))


def _answer(told: Mapping[str, Any], call: Call) -> Answer:
    end = np.array([len(call.times)])
    period, seasons = told["period"], told["seasons"]
    # What the call does not know yet is NaN in it, so no delay is reckoned with here.
    found = repeated(call.values, end, call.leads, 0, period, seasons + told["delay"] // period + 1)
    values, back = found.values[:, 0], found.seasons[:, 0]
    usual = -(-(call.leads + told["delay"]) // period) - -(-call.leads // period) + 1
    late = back - usual
    flags = np.where(late > 0, "the season before stands in for one that is missing", "")
    reasons = np.full(values.shape, f"there is no reading in the last {seasons} seasons", object)
    sizes = level(cleaned(call.values, call.day).values, end, call.day)[:, 0]
    return Answer(values, reasons, flags.astype(object), sizes)


def _days(told: Mapping[str, Any]) -> int:
    steps = int(told["period"] * (told["seasons"] + 1) + told["delay"])
    return max(LEVEL_DAYS, -(-steps * int(told["step"]) // DAY)) + 1


MEMBER = Member(
    "seasonal_naive", "Repeats the reading of a season ago.", NaiveParams, _learn, _answer, _days
)
