"""A ridge regression per series and lead, all series in one batched solve.

Each is told shares of the series' own level: the same time of day on ten earlier days, the means
of the last seven days known, the last day known part by part; and the calendar: weekday, holidays,
season, summer time. What it answers is the step from the nearest of the earlier days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import Field

from argosy.kernels import across, single_threaded
from argosy_forecast.forecasters import normal_equations
from argosy_forecast.forecasters.ahead import asked, settled_leads
from argosy_forecast.forecasters.call import DAY
from argosy_forecast.forecasters.features import Known, calendar, lag_days
from argosy_forecast.forecasters.member import Answer, Learnt, Member
from argosy_forecast.forecasters.origins import Held, held_out, truths
from argosy_forecast.forecasters.settings import Learning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.ahead import Lesson, Question
    from argosy_forecast.forecasters.call import Call
    from argosy_forecast.forecasters.features import Standing

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


class RidgeParams(Learning):
    """Params of `ridge`."""

    penalty: float = Field(default=2.0, ge=0)
    """On the squares of coefficients of standardised columns; a row counts 1."""


class Habits(NamedTuple):
    """What regressions are told, and how they are held back."""

    holidays: str
    """Whose holidays series keep that name none."""
    seasons: int
    """Whether they are told the time of the year; not where the history is too short to know what
    is usual then: 0 or 1."""
    penalty: float = 0.0


def habits(call: Call, params: RidgeParams) -> Habits:
    """Return what the regressions of a call are told."""
    long = (call.times[-1] - call.times[0]) >= 1.5 * 365 * DAY
    return Habits(params.holidays, int(long), params.penalty)


class Fitted(NamedTuple):
    """Regressions of one phase."""

    coefficients: Floats
    """The intercept first; shape (S, H, p)."""
    beyond: Floats
    """What each origin is forecast by regressions without its own group and the last; shape (S, N,
    H)."""


def table(
    call: Call, known: Known, ends: Ints, lead: int, habits: Habits, standing: Standing
) -> Floats:
    """Return what the regressions of a lead are told, its first column 1; shape (S, N, p).

    Args:
        call: whose calendar it is.
        known: its series.
        ends: N of them.
        lead: one.
        habits: of the regressions.
        standing: of these ends.
    """
    nearest = lag_days(lead, known.delay, known.day)[0]
    there = calendar(call, ends, lead, nearest, habits.holidays)
    weekend = (there.weekday >= 5)[:, :, None] * 1.0
    angle = 2 * np.pi * there.year[:, :, None] * np.arange(1, 4)
    season = np.concatenate([np.sin(angle), np.cos(angle)], axis=-1) * habits.seasons
    summer = there.summer[:, :, None]
    weekdays = (there.weekday[:, :, None] == np.arange(7)) * 1.0
    dates = np.concatenate(
        [weekdays, there.holiday, season, season * weekend, summer, summer * weekend], axis=-1
    )
    return np.concatenate(
        [
            np.ones((*standing.level.shape, 1)),
            known.lags(ends, lead) / standing.level[:, :, None],
            standing.days,
            standing.recent,
            dates[there.place],
            known.weather(ends, lead),
        ],
        axis=-1,
    )


def fitted(lesson: Lesson, ends: Ints, groups: Ints, habits: Habits) -> Fitted:
    """Fit a regression per series and lead.

    Args:
        lesson: the series.
        ends: the origins, N of them.
        groups: of each origin, from 0; -1: it is in none, so nothing is forecast for it. The last
            is held out: what is forecast for the others does not know it.
        habits: of the regressions.
    """
    call, known = lesson.call, lesson.known
    standing = known.standing(ends)
    level = standing.level
    true = truths(known.values, lesson.codes, ends, lesson.leads)
    begun = lesson.begun(ends)
    coefficients = []
    beyond = np.full(true.shape, np.nan)
    with single_threaded():
        for place, lead in enumerate(lesson.leads.tolist()):
            x = table(call, known, ends, lead, habits, standing)
            told: Bools = np.asarray(np.isfinite(x).all(axis=2))
            x = np.where(told[:, :, None], x, 0.0)
            used = (np.isfinite(true[:, :, place]) & begun & told)[:, :, None]
            step = np.nan_to_num(true[:, :, place]) / level - x[:, :, 1]
            rows = np.concatenate([x, step[:, :, None]], axis=-1) * used
            grams = [normal_equations.gram(rows[:, groups == g]) for g in np.unique(groups)]
            total = np.zeros_like(grams[0])
            for one in grams:
                total += one
            coefficients.append(normal_equations.solved(total, habits.penalty))
            for group, one in zip(np.unique(groups), grams, strict=True):
                if group < 0:
                    continue
                mine = groups == group
                rest = total - one - (grams[-1] if group < groups.max() else 0.0)
                others = normal_equations.solved(rest, habits.penalty)
                found = normal_equations.applied(x[:, mine], others)
                said = (found + x[:, mine, 1]) * level[:, mine]
                beyond[:, mine, place] = np.where(told[:, mine], said, np.nan)
    return Fitted(np.stack(coefficients, axis=1), beyond)


def forecast(coefficients: Floats, question: Question, habits: Habits) -> Floats:
    """Return what regressions of one phase say of the asked leads; shape (S, H).

    Args:
        coefficients: of the series of the question, and of its leads; shape (S, H, p).
        question: what is asked.
        habits: of the regressions.
    """
    call, known = question.call, question.known
    end = np.array([question.end])
    standing = known.standing(end)
    found = np.full(coefficients.shape[:2], np.nan)
    for place, lead in enumerate(question.leads.tolist()):
        x = table(call, known, end, lead, habits, standing)[:, 0]
        step = across(x * coefficients[:, place])
        found[:, place] = (step + x[:, 1]) * standing.level[:, 0]
    return found


def _learn(call: Call, params: RidgeParams) -> Learnt:
    lesson, phases = settled_leads(call, params)
    own = habits(call, params)
    kept, held = [], None
    for ends in phases.ends:
        out = held_out(call, ends, lesson.leads, params.held)
        groups = np.where(np.isin(ends, out), 0, -1)
        found = fitted(lesson, ends, groups, own)
        kept.append(found.coefficients)
        if held is None and len(out):
            true = truths(lesson.known.values, lesson.codes, out, lesson.leads)
            said = found.beyond[:, groups == 0]
            held = Held(out, lesson.leads, said, true, lesson.known.standing(out).level)
    content = {**phases.content, "habits": list(own), "coefficients": np.stack(kept)}
    return Learnt(content, held)


def _answer(told: Mapping[str, Any], call: Call) -> Answer:
    question = asked(told, call)
    own = told["coefficients"][question.phase][question.place][:, question.index]
    return question.answer(forecast(own, question, Habits(*told["habits"])))


def _days(told: Mapping[str, Any]) -> int:
    return int(told["days"])


MEMBER = Member(
    "ridge",
    "A ridge regression per series and step ahead, on earlier days and the calendar.",
    RidgeParams,
    _learn,
    _answer,
    _days,
)
