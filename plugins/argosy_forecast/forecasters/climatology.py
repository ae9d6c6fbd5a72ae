"""What is usual at a time of the week and of the year: the answer where learning no longer pays.

Each time of the week, by the clock on the wall, has its mean over the history, and two waves of a
year about it where the history is long enough to tell them from chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.errors import BadInput
from argosy.kernels import across, single_threaded
from argosy_forecast.forecasters.call import DAY
from argosy_forecast.forecasters.cleaning import cleaned
from argosy_forecast.forecasters.features import LEVEL_DAYS, level
from argosy_forecast.forecasters.local_time import local_time
from argosy_forecast.forecasters.member import Answer, Learnt, Member, places
from argosy_forecast.forecasters.normal_equations import gram, solved
from argosy_forecast.forecasters.origins import Held, ends, held_out, truths
from argosy_forecast.forecasters.settings import Params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_YEAR = 365.25 * DAY
_WAVES = 2
_PENALTY = 0.1


class ClimatologyParams(Params):
    """Params of `climatology`."""


def _slots(times: Ints, zone: str, step: int) -> Ints:
    """Return the place of each time in the week; one place where steps are longer than a day."""
    if step > DAY:
        return np.zeros(len(times), np.int64)
    there = local_time(times, zone)
    within = (there.hour * 3.6e9).round().astype(np.int64) // step
    slots: Ints = there.weekday * max(1, DAY // step) + within
    return slots


def _waves(times: Ints) -> Floats:
    angle = 2 * np.pi * (times[:, None] / _YEAR) * np.arange(1, _WAVES + 1)
    return np.concatenate([np.ones((len(times), 1)), np.sin(angle), np.cos(angle)], axis=1)


def _means(call: Call, values: Floats, used: Bools, rows: int) -> Floats:
    """Return the mean and the waves of each time of the week, of the first rows."""
    per_week = 7 * call.day if call.step <= DAY else 1
    times = call.times[:rows]
    waves = _waves(times)
    if times[-1] - times[0] < 1.5 * _YEAR:
        waves[:, 1:] = 0.0
    found = np.zeros((len(values), per_week, waves.shape[1]))
    for zone in sorted(set(call.zones)):
        mine = np.array([each == zone for each in call.zones])
        slots = _slots(times, zone, call.step)
        order = np.argsort(slots, kind="stable")
        borders = np.searchsorted(slots[order], np.arange(per_week + 1))
        for slot in range(per_week):
            place = order[borders[slot] : borders[slot + 1]]
            there = used[mine][:, place, None]
            told = np.broadcast_to(waves[place], (*there.shape[:2], waves.shape[1]))
            table = np.concatenate([told, values[mine][:, place, None]], axis=-1) * there
            found[mine, slot] = solved(gram(table), _PENALTY)
    return found


def _said(call: Call, means: Floats, times: Ints) -> Floats:
    """Return what is usual at times; shape (S, N)."""
    waves = _waves(times)
    found = np.empty((len(means), len(times)))
    for zone in sorted(set(call.zones)):
        mine = np.array([each == zone for each in call.zones])
        own = means[mine][:, _slots(times, zone, call.step)]
        found[mine] = across(own * waves)
    return found


def _learn(call: Call, params: ClimatologyParams) -> Learnt:
    clean = cleaned(call.values, call.day)
    used = clean.codes == 0
    length = len(call.times)
    if length * call.step < 7 * DAY and call.step <= DAY:
        raise BadInput("the history is shorter than a week, of which every time has a mean")
    leads = np.arange(1, call.day + 1)
    every = ends(call.times, int(call.times[-1] % DAY), LEVEL_DAYS * call.day)
    out = held_out(call, every, leads, params.held)
    with single_threaded():
        content = {"means": _means(call, clean.values, used, length)}
        if not len(out) or out[0] * call.step < 7 * DAY:
            return Learnt(content, None)
        before = _means(call, clean.values, used, int(out[0]))
    rows = (out - 1)[:, None] + leads
    said = _said(call, before, call.times)[:, rows]
    true = truths(clean.values, clean.codes, out, leads)
    sizes = level(clean.values, out, call.day)
    return Learnt(content, Held(out, leads, said, true, sizes))


def _answer(told: Mapping[str, Any], call: Call) -> Answer:
    place = places(told, call)
    values = _said(call, told["means"][np.maximum(place, 0)], call.asked)
    reasons = np.full(values.shape, "it is not among the series that were learnt; fit anew with it")
    values[place < 0] = np.nan
    end = np.array([len(call.times)])
    sizes = level(cleaned(call.values, call.day).values, end, call.day)[:, 0]
    return Answer(values, reasons.astype(object), np.full(values.shape, "", object), sizes)


def _days(told: Mapping[str, Any]) -> int:
    return LEVEL_DAYS + 8


MEMBER = Member(
    "climatology",
    "What is usual at that time of the week and of the year.",
    ClimatologyParams,
    _learn,
    _answer,
    _days,
)
