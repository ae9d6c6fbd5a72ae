"""What forecasters share that learn an answer for every step after an origin.

A `Lesson` is what they are fitted to, a `Question` what they are asked; either holds readings that
were cleaned by earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from argosy.errors import BadInput
from argosy_forecast.forecasters.call import DAY
from argosy_forecast.forecasters.cleaning import carried_back, cleaned
from argosy_forecast.forecasters.features import NEEDED_DAYS, Known, level
from argosy_forecast.forecasters.member import Answer, places
from argosy_forecast.forecasters.origins import cut, ends
from argosy_forecast.forecasters.outside import measured, scales

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.call import Call
    from argosy_forecast.forecasters.settings import Learning

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Codes = NDArray[np.int8]

_CLEANING_DAYS = 8
_FEWEST = 21
"""Origins that each phase needs, three weeks of days."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Series to learn from."""

    call: Call
    known: Known
    codes: Codes
    begins: Ints
    leads: Ints

    def begun(self, ends: Ints) -> Bools:
        """Whether a series had all that is looked at before each end; shape (S, N)."""
        return self.begins[:, None] <= ends - self.known.delay - NEEDED_DAYS * self.known.day


class Phases(NamedTuple):
    """The times of the day of which something is learnt."""

    ends: list[Ints]
    content: dict[str, Any]
    """What an artifact says of them."""


def settled_leads(call: Call, params: Learning) -> tuple[Lesson, Phases]:
    """Return what there is to learn from, by the settings.

    Raises:
        BadInput: if the history is too short for any origin, or its steps too long.
    """
    if call.step > DAY:
        raise BadInput(
            "its steps are longer than a day, and what it learns from are earlier days; use"
            " seasonal_naive or theta"
        )
    delay = call.delay if params.delay < 0 else params.delay
    leads = np.arange(params.first, max(params.horizon or call.day, params.first) + 1)
    clean = cleaned(call.values, call.day)
    phases = params.phases or [int(call.times[-1] % DAY)]
    least = NEEDED_DAYS * call.day + delay
    found = [ends(call.times, phase, least) for phase in phases]
    for phase, each in zip(phases, found, strict=True):
        if len(each) < _FEWEST:
            raise BadInput(
                f"the history has {len(each)} origins at {_clock(phase)} with {NEEDED_DAYS} days"
                f" before them, and {_FEWEST} are needed; give a longer history, or another `at`"
            )
    scale = scales(call, params.ahead)
    weather = measured(call, params.ahead, **scale)
    known = Known(clean.values, call.day, delay, weather)
    lesson = Lesson(call, known, clean.codes, clean.begins, leads)
    days = NEEDED_DAYS + _CLEANING_DAYS + -(-delay // call.day) + 1
    content = {"phases": phases, "delay": delay, "leads": leads, "days": days}
    content["outside"] = {"names": list(params.ahead), **scale}
    return lesson, Phases(found, content)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, from the latest end that something was learnt of."""

    call: Call
    known: Known
    codes: Codes
    begins: Ints
    phase: int
    """Its place among those that were learnt."""
    end: int
    place: Ints
    """Of each series among those that were learnt; 0 for one that was not."""
    learnt: Bools
    """Whether each series was learnt; shape (S,)."""
    index: Ints
    """Of each asked lead among those that were learnt; the nearest for one that was not."""
    leads: Ints
    """Those that stand in for the asked ones, as counted from the end."""
    within: Bools
    """Whether each asked lead was learnt; shape (H,)."""
    beyond: str
    """Why those that were not have no answer."""

    def answer(self, values: Floats) -> Answer:
        """Keep what can be answered, and say why the rest cannot, and what was doubtful."""
        day, delay = self.known.day, self.known.delay
        known = self.end - delay
        codes = self.codes
        month = np.count_nonzero(codes[:, max(known - 28 * day, 0) : known] == 0, axis=1)
        week = codes[:, max(known - 7 * day, 0) : known]
        doubtful = np.count_nonzero(week, axis=1)
        days = (known - self.begins) // day
        reasons = np.full(values.shape, "", object)
        reasons[:, ~self.within] = self.beyond
        reasons[month < day] = "there is hardly a reading in the last four weeks"
        reasons[days < 7] = "its history is shorter than a week"
        reasons[~self.learnt] = "it is not among the series that were learnt; fit anew with it"
        flags = np.array([_flag(*each) for each in zip(days, doubtful, strict=True)], object)
        reasons[(reasons == "") & np.isnan(values)] = "a covariate that it learnt is not known"
        fine = reasons == ""
        size = level(self.known.values, np.array([known]), day)[:, 0]
        shown = np.where(fine, np.broadcast_to(flags[:, None], values.shape), "")
        return Answer(np.where(fine, values, np.nan), reasons, shown, size)


def asked(told: Mapping[str, Any], call: Call) -> Question:
    """Lay out what is asked by what was learnt."""
    wide = _padded(call, told["days"] * call.day)
    phase, end, leads = cut(wide, told["phases"])
    learnt = told["leads"]
    index = np.clip(leads - learnt[0], 0, len(learnt) - 1)
    clean = cleaned(wide.values, wide.day)
    place = places(told, call)
    own = np.maximum(place, 0)
    outside = told["outside"]
    weather = measured(
        call,
        outside["names"],
        outside["mean"][:, own],
        outside["width"][:, own],
        len(wide.times) - len(call.times),
    )
    return Question(
        wide,
        Known(carried_back(clean.values, clean.begins, wide.day), wide.day, told["delay"], weather),
        clean.codes,
        clean.begins,
        phase,
        end,
        own,
        place >= 0,
        index,
        learnt[index],
        np.isin(leads, learnt),
        f"it was fitted to {learnt[0]} to {learnt[-1]} steps after"
        f" {' or '.join(map(_clock, told['phases']))};"
        " set `first`, `horizon` or `at`, and fit anew",
    )


def _flag(days: int, doubtful: int) -> str:
    if days < NEEDED_DAYS:
        return f"its history is of {days} days, and {NEEDED_DAYS} are looked at"
    return f"{doubtful} readings of the last week known were replaced" if doubtful else ""


def _padded(call: Call, length: int) -> Call:
    """Put unknown rows before a history that is shorter than what is looked at."""
    more = length - len(call.times)
    if more <= 0:
        return call
    before = call.times[0] - call.step * np.arange(more, 0, -1)
    values = np.pad(call.values, ((0, 0), (more, 0)), constant_values=np.nan)
    return call._replace(times=np.concatenate([before, call.times]), values=values)


def _clock(phase: int) -> str:
    minutes = phase // 60_000_000
    return f"{minutes // 60:02}:{minutes % 60:02}"
