"""The theta method, fitted anew to the history of every call.

Nothing is learnt but how large errors were: a theta model is its history. `theta_loops` says how it
works; libraries that have it (statsforecast) bind the environment to an older pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from argosy.errors import BadInput
from argosy_forecast.forecasters.call import DAY
from argosy_forecast.forecasters.cleaning import cleaned
from argosy_forecast.forecasters.features import level
from argosy_forecast.forecasters.member import Answer, Learnt, Member
from argosy_forecast.forecasters.origins import Held, ends, held_out, truths
from argosy_forecast.forecasters.settings import Params
from argosy_forecast.forecasters.theta_loops import seasons, theta_forecasts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_HELD_DAYS = 7
"""Held-out origins are a week and a day apart: each takes a fit of all series."""
_HISTORY_DAYS = 56


class ThetaParams(Params):
    """Params of `theta`."""

    period: int = Field(default=0, ge=0)
    """Steps of a season; 0: those of a week, or 1 where a step is longer than a day."""
    length: int = Field(default=0, ge=0)
    """How many steps of the history it is fitted to; 0: those of 56 days, or the whole history
    where a step is a day or more."""
    horizon: int = Field(default=0, ge=0, le=10_000)
    """Up to which step held-out errors are looked at; it answers any. 0: as many as a day has."""


def _learn(call: Call, params: ThetaParams) -> Learnt:
    delay = call.delay if params.delay < 0 else params.delay
    period = params.period or (7 * call.day if call.step <= DAY else 1)
    length = params.length or (_HISTORY_DAYS * call.day if call.step < DAY else len(call.times))
    own = {"period": period, "length": length, "delay": delay}
    least = max(length // 2, 4) + delay
    if len(call.times) < least:
        raise BadInput(
            f"the history has {len(call.times)} times, and {least} are needed; give a longer one,"
            " or a smaller `length`"
        )
    leads = np.arange(1, (params.horizon or call.day) + 1)
    every = ends(call.times, int(call.times[-1] % DAY), least)
    out = held_out(call, every, leads, params.held)[:: -(_HELD_DAYS + 1)][::-1]
    if not len(out):
        return Learnt(own, None)
    clean = cleaned(call.values, call.day)
    said = np.full((len(call.names), len(out), len(leads)), np.nan)
    for place, end in enumerate((out - delay).tolist()):
        start = max(0, end - length)
        begins = np.maximum(clean.begins - start, 0)
        past = np.ascontiguousarray(clean.values[:, start:end])
        said[:, place] = _forecasts(past, begins, period, leads + delay)
    true = truths(clean.values, clean.codes, out, leads)
    sizes = level(clean.values, out - delay, call.day)
    return Learnt(own, Held(out, leads, said, true, sizes))


def _forecasts(past: Floats, begins: Ints, period: int, leads: Ints) -> Floats:
    """Take seasons out, forecast, and put them back."""
    found, kinds = seasons(past, begins, period)
    inside = np.maximum(np.arange(past.shape[1]) - begins[:, None], 0) % period
    season = np.take_along_axis(found, inside, axis=1)
    factors, terms = (kinds == 1)[:, None], (kinds == 0)[:, None]
    plain = np.where(terms, past - season, past / np.where(factors, season, 1.0))
    said = theta_forecasts(plain, begins, leads)
    later = (past.shape[1] - begins[:, None] + leads - 1) % period
    season = np.take_along_axis(found, later, axis=1)
    return np.where(terms, said + season, said * np.where(factors, season, 1.0))


def _answer(told: Mapping[str, Any], call: Call) -> Answer:
    """Forecast from the last time that any of these series may know, so that none moves another."""
    delay = told["delay"]
    clean = cleaned(call.values, call.day)
    end = len(call.times) - delay
    start = max(0, end - told["length"])
    begins = np.maximum(clean.begins - start, 0)
    past = np.ascontiguousarray(clean.values[:, start:end])
    values = _forecasts(past, begins, told["period"], call.leads + delay)
    reasons = np.full(values.shape, "it has fewer than five readings", object)
    doubtful = np.count_nonzero(clean.codes[:, start:end], axis=1)
    flags = np.array(
        [f"{n} of the last {end - start} readings were replaced" if n else "" for n in doubtful],
        object,
    )
    sizes = level(clean.values, np.array([len(call.times)]) - delay, call.day)[:, 0]
    return Answer(values, reasons, np.repeat(flags[:, None], values.shape[1], axis=1), sizes)


def _days(told: Mapping[str, Any]) -> int:
    steps = int(told["length"] + told["delay"])
    return -(-steps * int(told["step"]) // DAY) + 8


MEMBER = Member(
    "theta",
    "The dynamic optimised theta model of each series, seasons taken out before.",
    ThetaParams,
    _learn,
    _answer,
    _days,
)
