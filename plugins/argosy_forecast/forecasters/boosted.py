"""Gradient boosting by LightGBM, one model of many series, on what their ridges leave over.

The ridge of each series says what is linear; the trees, which all series share, correct it where
lags, calendar and the series' own habits interact. They learn from what the ridges said of origins
that they had not seen, since what a ridge leaves over of its own rows is too small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from argosy.errors import ArgosyError
from argosy_forecast.forecasters import ridge
from argosy_forecast.forecasters.ahead import asked, settled_leads
from argosy_forecast.forecasters.features import Known, calendar, lag_days
from argosy_forecast.forecasters.member import Answer, Learnt, Member
from argosy_forecast.forecasters.origins import Held, held_out, truths
from argosy_forecast.forecasters.ridge import Habits, RidgeParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from argosy_forecast.forecasters.ahead import Lesson
    from argosy_forecast.forecasters.call import Call
    from argosy_forecast.forecasters.features import Standing

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_FOLDS = 4
_RECENT = (0, 1, 2, 3, 6, 12, 18, 23)
_BOUND = 0.5
"""Of what is learnt, as a share of the level: one reading that slipped through must not lead."""


class BoostedParams(RidgeParams):
    """Params of `lightgbm`."""

    trees: int = Field(default=250, ge=1, le=10_000)
    leaves: int = Field(default=63, ge=2, le=4_096)
    rate: float = Field(default=0.06, gt=0, le=1)
    """The learning rate."""
    rows: int = Field(default=600_000, ge=1_000)
    """Most rows to learn from; origins are taken in turns, other ones of each series."""
    seed: int = Field(default=0, ge=0)
    threads: int = Field(default=1, ge=1, le=256)
    """Threads that it learns on; the same number learns the same."""


def rows(
    call: Call,
    known: Known,
    ends: Ints,
    lead: int,
    habits: Habits,
    standing: Standing,
    base: Floats,
    place: Ints,
) -> Singles:
    """Return what the trees are told; the last column is the series. Shape (S, N, p).

    Args:
        call: whose calendar it is.
        known: its series.
        ends: N of them.
        lead: one.
        habits: of the ridges.
        standing: of these ends.
        base: what the ridges say; shape (S, N).
        place: of each series among those that were learnt.
    """
    level = standing.level[:, :, None]
    there = calendar(call, ends, lead, lag_days(lead, known.delay, known.day)[0], habits.holidays)
    lags = known.lags(ends, lead) / level
    said = base[:, :, None] / level
    dates = [each[there.place] for each in (there.hour, there.weekday, there.year, there.summer)]
    wide = base.shape
    some = [each for each in _RECENT if each < standing.recent.shape[2]]
    return np.concatenate(
        [
            said,
            lags - said,
            lags[:, :, :1],
            standing.days,
            standing.days - standing.days[:, :, :1],
            standing.recent[:, :, some],
            np.stack(dates, axis=-1),
            there.holiday[there.place],
            known.weather(ends, lead),
            np.full((*wide, 1), float(lead)),
            np.broadcast_to(place[:, None, None], (*wide, 1)),
        ],
        axis=-1,
        dtype=np.float32,
    )


def _learn(call: Call, params: BoostedParams) -> Learnt:
    lesson, phases = settled_leads(call, params)
    habits = ridge.habits(call, params)
    size = len(call.names) * len(lesson.leads) * sum(map(len, phases.ends))
    stride = max(1, -(-size // params.rows))
    kept, tables, steps, early = [], [], [], []
    held: Held | None = None
    for ends in phases.ends:
        out = held_out(call, ends, lesson.leads, params.held)
        groups = np.where(np.isin(ends, out), _FOLDS, np.arange(len(ends)) * _FOLDS // len(ends))
        found = ridge.fitted(lesson, ends, groups, habits)
        kept.append(found.coefficients)
        table, step, before = _lessons(lesson, ends, found.beyond, out, stride, habits)
        tables.append(table)
        steps.append(step)
        early.append(before)
        if held is None and len(out):
            level = lesson.known.standing(out).level
            true = truths(lesson.known.values, lesson.codes, out, lesson.leads)
            held = Held(out, lesson.leads, found.beyond[:, np.isin(ends, out)], true, level)
    every, left, before = np.concatenate(tables), np.concatenate(steps), np.concatenate(early)
    if held is not None:
        first = _grown(every[before], left[before], params)
        held = held._replace(forecasts=_corrected(lesson, held, first, habits))
    booster = _grown(every, left, params)
    content = {
        **phases.content,
        "habits": list(habits),
        "coefficients": np.stack(kept),
        "booster": booster.model_to_string(),
    }
    return Learnt(content, held)


def _lessons(
    lesson: Lesson, ends: Ints, said: Floats, out: Ints, stride: int, habits: Habits
) -> tuple[Singles, Floats, Bools]:
    """Return rows, what the ridges left over of each, and whether it was before what is held out.

    What is held out begins with the targets of its first origin.
    """
    known, n = lesson.known, len(lesson.call.names)
    true = truths(known.values, lesson.codes, ends, lesson.leads)
    standing = known.standing(ends)
    left = (true - said) / standing.level[:, :, None]
    turn = (np.arange(len(ends)) + np.arange(n)[:, None]) % stride == 0
    used = np.isfinite(left) & (lesson.begun(ends) & turn)[:, :, None]
    border = out[0] if len(out) else np.iinfo(np.int64).max
    tables, steps, before = [], [], []
    for place, lead in enumerate(lesson.leads.tolist()):
        mine = used[:, :, place]
        base = said[:, :, place]
        told = rows(lesson.call, known, ends, lead, habits, standing, base, np.arange(n))
        tables.append(told[mine])
        steps.append(left[:, :, place][mine])
        before.append(np.broadcast_to(ends + lead <= border, mine.shape)[mine])
    return np.concatenate(tables), np.concatenate(steps), np.concatenate(before)


def _grown(table: Singles, left: Floats, params: BoostedParams) -> Any:  # noqa: ANN401
    library = _lightgbm()
    settings = {
        "objective": "regression",
        "learning_rate": params.rate,
        "num_leaves": params.leaves,
        "min_data_in_leaf": 200,
        "feature_fraction": 0.5,
        "lambda_l2": 5.0,
        "cat_smooth": 50.0,
        "max_bin": 127,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": params.threads,
        "seed": params.seed,
        "verbose": -1,
    }
    lessons = library.Dataset(
        table, np.clip(left, -_BOUND, _BOUND), categorical_feature=[table.shape[1] - 1]
    )
    return library.train(settings, lessons, params.trees)


def _corrected(lesson: Lesson, held: Held, booster: Any, habits: Habits) -> Floats:  # noqa: ANN401
    found = np.empty_like(held.forecasts)
    every = np.arange(len(found))
    standing = lesson.known.standing(held.ends)
    for place, lead in enumerate(held.leads.tolist()):
        base = held.forecasts[:, :, place]
        told = rows(lesson.call, lesson.known, held.ends, lead, habits, standing, base, every)
        found[:, :, place] = base + _said(booster, told) * held.levels
    return found


def _said(booster: Any, table: Singles) -> Floats:  # noqa: ANN401
    said = booster.predict(table.reshape(-1, table.shape[-1]), num_threads=1)
    found: Floats = np.asarray(said).reshape(table.shape[:-1])
    return found


def _answer(told: Mapping[str, Any], call: Call) -> Answer:
    question = asked(told, call)
    own = told["coefficients"][question.phase][question.place][:, question.index]
    habits = Habits(*told["habits"])
    base = ridge.forecast(own, question, habits)
    end = np.array([question.end])
    standing = question.known.standing(end)
    given = question.call, question.known, end
    tables = [
        rows(*given, lead, habits, standing, base[:, i, None], question.place)[:, 0]
        for i, lead in enumerate(question.leads.tolist())
    ]
    booster = _lightgbm().Booster(model_str=told["booster"])
    step = _said(booster, np.stack(tables, axis=1))
    return question.answer(base + step * standing.level)


def _lightgbm() -> Any:  # noqa: ANN401
    try:
        import lightgbm
    except ImportError as error:
        raise ArgosyError(
            f"the forecaster lightgbm needs {error.name}, which is not installed;"
            " install argosy with the extra `forecast`"
        ) from error
    except OSError as error:
        raise ArgosyError(
            f"the forecaster lightgbm cannot load its library: {error}; it needs libgomp.so.1,"
            " which the system's package libgomp1 (Debian), libgomp (Fedora) or libomp (macOS) has"
        ) from error
    return lightgbm


def _days(told: Mapping[str, Any]) -> int:
    return int(told["days"])


MEMBER = Member(
    "lightgbm",
    "LightGBM, one model of all series, on what a ridge of each leaves over.",
    BoostedParams,
    _learn,
    _answer,
    _days,
)
