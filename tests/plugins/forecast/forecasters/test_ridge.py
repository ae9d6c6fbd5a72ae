"""The ridge beats the naive where there is something to learn, and says what it cannot answer."""

import numpy as np
import polars as pl
import pytest

from argosy.errors import BadInput, UnknownName
from argosy_forecast.forecasters import FORECASTERS

from .drawn_load import HOUR, asked, load, rows, series_table, told

RIDGE = FORECASTERS["ridge"]


@pytest.fixture(scope="module")
def values():
    return load(3, 160)


@pytest.fixture(scope="module")
def content(values):
    return RIDGE.fit(series_table(3), rows(values[:, : 24 * 140]), {})


def answer(content, values, leads=range(1, 25), first=0, levels=()):
    count, width = values.shape
    wanted = asked(count, first + width, leads)
    table = RIDGE.forecast(content, series_table(count), rows(values, first), wanted, levels)
    return pl.DataFrame(table)


def error(found, true):
    return np.abs(found - true).sum() / true.sum()


def test_it_makes_fewer_errors_than_the_naive(content, values):
    ours, naive = [], []
    for day in range(140, 159):
        end = 24 * day
        found = answer(content, values[:, end - 24 * 51 : end], first=end - 24 * 51)
        true = values[:, end : end + 24]
        ours.append(error(told(found, 3), true))
        naive.append(error(values[:, end - 168 : end - 144], true))

    assert np.mean(ours) < 0.8 * np.mean(naive)


def test_its_intervals_hold_what_they_say(content, values):
    inside = []
    for day in range(140, 159):
        end = 24 * day
        past = values[:, end - 24 * 51 : end]
        found = answer(content, past, first=end - 24 * 51, levels=(0.1, 0.9))
        low, high = np.array(found["quantiles"].to_list()).reshape(3, 24, 2).transpose(2, 0, 1)
        inside.append((low < values[:, end : end + 24]) & (values[:, end : end + 24] < high))

    assert 0.7 < np.mean(inside) < 0.9


def test_memory_is_as_much_as_it_looks_at(content, values):
    """With more history it answers the same, but for the rounding of sums."""
    days = int(RIDGE.memory(content).removesuffix("d"))
    end = 24 * 140

    short, long = (
        told(answer(content, values[:, start:end], first=start), 3)
        for start in (end - 24 * days, 0)
    )

    np.testing.assert_allclose(short, long, rtol=1e-9)


def test_a_step_that_was_not_learnt_has_a_reason_and_a_way_out(content, values):
    found = answer(content, values[:, : 24 * 140], leads=range(20, 30))

    assert [True] * 5 + [False] * 5 == found["value"][:10].is_not_null().to_list()
    assert "set `first`, `horizon` or `at`, and fit anew" in found["reason"][9]


def test_a_history_that_ends_later_in_the_day_is_cut_to_where_it_learnt(content, values):
    """The hours since are not used, so the nearest of them are answered and the last are not."""
    end = 24 * 140
    on_time, later = (
        answer(content, values[:, : end + hours], leads=np.arange(1, 25)) for hours in (0, 10)
    )

    assert np.array_equal(told(on_time, 3)[:, 10:], told(later, 3)[:, :14].astype(float))
    assert {14: 10}.items() <= {14: later["value"][14:24].null_count()}.items()


def test_times_of_the_day_are_learnt_by_name(values):
    past = rows(values[:, : 24 * 140])
    content = RIDGE.fit(series_table(3), past, {"at": "23:00,09:00"})

    found = answer(content, values[:, : 24 * 140 + 10])

    assert 0 == found["value"].null_count()
    assert error(told(found, 3), values[:, 24 * 140 + 10 : 24 * 141 + 10]) < 0.08


def test_a_series_that_was_not_learnt_has_a_reason(values):
    content = RIDGE.fit(series_table(2), rows(values[:2]), {})

    found = answer(content, values)

    assert [0, 0, 24] == [found["value"][24 * s : 24 * s + 24].null_count() for s in range(3)]
    assert "it is not among the series that were learnt; fit anew with it" == found["reason"][-1]


def test_a_feed_that_stopped_is_flagged_and_in_the_end_refused(content, values):
    past = values[:, : 24 * 140].copy()
    past[0, -30:] = np.nan
    past[1, -24 * 29 :] = np.nan

    found = answer(content, past)

    assert "30 readings of the last week known were replaced" == found["flag"][0]
    assert "there is hardly a reading in the last four weeks" == found["reason"][24]
    assert [None] * 24 == found["flag"][48:].to_list()


def test_a_young_series_is_forecast_and_flagged(content, values):
    past = values[:, : 24 * 140].copy()
    past[0, : 24 * 130] = np.nan

    found = answer(content, past)

    assert "its history is of 10 days, and 42 are looked at" == found["flag"][0]
    assert error(told(found, 3)[0], values[0, 24 * 140 : 24 * 141]) < 0.15


def test_a_dead_series_is_forecast_at_nothing(values):
    dead = np.vstack([values, np.zeros((1, values.shape[1]))])
    content = RIDGE.fit(series_table(4), rows(dead), {})

    assert not told(answer(content, dead), 4)[3].any()


def test_what_is_known_ahead_is_learnt():
    generator = np.random.default_rng(8)
    values = load(2, 200)
    heat = np.repeat(generator.normal(0, 1, (2, 200)), 24, axis=1)
    values += 40 * np.maximum(heat, 0)
    end = 24 * 199
    past = rows(values[:, :end], heat=heat[:, :end])
    wanted = asked(2, end, range(1, 25), heat=heat[:, end:])

    plain, told_ahead = (RIDGE.fit(series_table(2), past, own) for own in ({}, {"ahead": "heat"}))
    errors = [
        error(told(RIDGE.forecast(each, series_table(2), past, wanted, ()), 2), values[:, end:])
        for each in (plain, told_ahead)
    ]

    assert errors[1] < 0.6 * errors[0]


def test_a_covariate_that_is_not_known_at_the_target_has_a_reason():
    values = load(2, 100)
    heat = np.random.default_rng(8).normal(0, 1, values.shape)
    content = RIDGE.fit(series_table(2), rows(values, heat=heat), {"ahead": "heat"})
    ahead = np.full((2, 24), np.nan)
    ahead[0] = 0.5

    found = RIDGE.forecast(
        content,
        series_table(2),
        rows(values, heat=heat),
        asked(2, values.shape[1], range(1, 25), heat=ahead),
        (),
    )

    assert [0, 24] == [found["value"][24 * s : 24 * s + 24].null_count for s in range(2)]
    assert {"a covariate that it learnt is not known"} == set(found["reason"].to_pylist()[24:])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ahead": "rain"}, "the history has no column of numbers 'rain', which `ahead` names"),
        ({"penalty": "-1"}, "penalty of ridge cannot be '-1'"),
        ({"at": "25:00"}, "at of ridge cannot be '25:00'"),
        ({"at": "10:30"}, "the history has 0 origins at 10:30"),
        ({"holidays": "XX"}, "holidays of 'XX' are not known"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(values, settings, message):
    with pytest.raises(BadInput, match=message):
        RIDGE.fit(series_table(3), rows(values), settings)


def test_an_unknown_setting_is_named_with_those_there_are(values):
    with pytest.raises(UnknownName, match="no setting of ridge is called 'penalti'"):
        RIDGE.fit(series_table(3), rows(values), {"penalti": "1"})


def test_a_history_that_is_too_short_is_refused(values):
    with pytest.raises(BadInput, match="give a longer history"):
        RIDGE.fit(series_table(3), rows(values[:, : 24 * 50]), {})


def test_steps_of_a_week_are_refused(values):
    week = 168 * HOUR
    with pytest.raises(BadInput, match="use seasonal_naive or theta"):
        RIDGE.fit(series_table(3), rows(values, step=week), {})


def test_other_steps_than_it_learnt_are_refused(content, values):
    half = HOUR // 2
    with pytest.raises(BadInput, match="was fitted to steps of 1 h, and these are of 30 min"):
        RIDGE.forecast(
            content, series_table(3), rows(values, step=half), asked(3, 3840, [1], half), ()
        )


@pytest.mark.parametrize("step", [HOUR // 6, HOUR // 2, 24 * HOUR])
def test_any_step_up_to_a_day(step):
    days = 90 if step < 24 * HOUR else 400
    values = load(2, days, step)
    end = values.shape[1]
    content = RIDGE.fit(series_table(2), rows(values, step=step), {"horizon": "3"})

    found = RIDGE.forecast(
        content, series_table(2), rows(values, step=step), asked(2, end, [1, 2, 3], step), (0.5,)
    )

    assert np.abs(told(found, 2) / values[:, -1:] - 1).max() < 0.3
