"""The naive repeats the newest season it knows, and says when it is an older one."""

import numpy as np

from argosy_forecast.forecasters import FORECASTERS

from .drawn_load import asked, load, rows, series_table, told

NAIVE = FORECASTERS["seasonal_naive"]


def answer(values, leads=range(1, 25), levels=(), **settings):
    content = NAIVE.fit(series_table(len(values)), rows(values), settings)
    wanted = asked(len(values), values.shape[1], leads)
    return NAIVE.forecast(content, series_table(len(values)), rows(values), wanted, levels)


def test_it_repeats_the_same_hour_of_a_week_before():
    values = load(2, 40)

    found = answer(values)

    assert np.array_equal(values[:, -168:-144], told(found, 2))
    assert 0 == found["flag"].drop_null().length()


def test_a_missing_reading_is_that_of_the_week_before_and_is_flagged():
    values = load(2, 40)
    values[0, -168:-160] = np.nan

    found = answer(values)

    assert np.array_equal(values[0, -336:-328], told(found, 2)[0, :8])
    assert [8, 0] == [sum(map(bool, row)) for row in told(found, 2, "flag")]


def test_beyond_a_week_it_repeats_the_last_week_again():
    values = load(1, 40)

    found = told(answer(values, leads=range(160, 180)), 1)[0]

    assert np.array_equal(values[0, np.arange(-9, 0)], found[:9])
    assert np.array_equal(values[0, -168:-157], found[9:])


def test_a_series_without_readings_has_a_reason():
    values = load(2, 60)
    values[1, -24 * 50 :] = np.nan

    found = answer(values)

    assert np.isnan(told(found, 2)[1].astype(float)).all()
    assert {"there is no reading in the last 4 seasons"} == set(told(found, 2, "reason")[1])


def test_the_season_may_be_a_day():
    values = load(1, 40)

    assert np.array_equal(values[:, -24:], told(answer(values, period="24"), 1))


def test_its_quantiles_hold_what_they_say():
    values = load(8, 200, noise=0.05)
    found = answer(values[:, :-24], levels=(0.1, 0.9))
    low, high = np.array(found["quantiles"].to_pylist()).reshape(8, 24, 2).transpose(2, 0, 1)

    inside = (low < values[:, -24:]) & (values[:, -24:] < high)

    assert 0.65 < inside.mean() < 0.95
