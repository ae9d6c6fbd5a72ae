"""The mean is that of its members, with quantiles of its own."""

import numpy as np
import pytest

from argosy.errors import BadInput, UnknownName
from argosy_forecast.forecasters import FORECASTERS

from .drawn_load import asked, load, rows, series_table, told

MEAN = FORECASTERS["mean"]
PAIR = "ridge,seasonal_naive"


@pytest.fixture(scope="module")
def values():
    return load(2, 120)


def answer(name, values, levels=(), **settings):
    forecaster = FORECASTERS[name]
    content = forecaster.fit(series_table(2), rows(values), settings)
    wanted = asked(2, values.shape[1], range(1, 25))
    return forecaster.forecast(content, series_table(2), rows(values), wanted, levels)


def test_it_is_the_mean_of_its_members(values):
    ours = told(answer("mean", values, members=PAIR), 2)
    ridge, naive = (told(answer(name, values), 2) for name in PAIR.split(","))

    np.testing.assert_allclose(ours, (ridge + naive) / 2, rtol=1e-12)


def test_weights_are_shares(values):
    ours = told(answer("mean", values, members=PAIR, weights="3,1"), 2)
    ridge, naive = (told(answer(name, values), 2) for name in PAIR.split(","))

    np.testing.assert_allclose(ours, 0.75 * ridge + 0.25 * naive, rtol=1e-12)


def test_settings_reach_all_members_or_the_one_that_they_name(values):
    both = told(answer("mean", values, members=PAIR, **{"ridge.penalty": "50"}), 2)
    shared = told(answer("mean", values, members=PAIR, penalty="50"), 2)
    ridge = told(answer("ridge", values, penalty="50"), 2)
    naive = told(answer("seasonal_naive", values), 2)

    np.testing.assert_allclose(both, (ridge + naive) / 2, rtol=1e-12)
    np.testing.assert_allclose(shared, both, rtol=1e-12)


def test_its_quantiles_are_of_its_own_errors(values):
    def width(name, **settings):
        found = answer(name, values, (0.1, 0.9), **settings)["quantiles"].to_pylist()
        return np.mean([high - low for low, high in found])

    assert width("mean", members=PAIR) < 0.95 * width("seasonal_naive")


def test_a_row_that_a_member_cannot_answer_has_its_words(values):
    content = MEAN.fit(series_table(2), rows(values), {"members": "seasonal_naive,ridge"})
    wanted = asked(2, values.shape[1], [24, 25])

    found = MEAN.forecast(content, series_table(2), rows(values), wanted, ())

    assert [False, True] == [each is None for each in found["value"].to_pylist()[:2]]
    assert found["reason"][1].as_py().startswith("ridge: it was fitted to 1 to 24 steps")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"members": "ridge,crystal"}, UnknownName, "no member is called 'crystal'"),
        ({"members": PAIR, "trees": "5"}, UnknownName, "no setting of mean is called 'trees'"),
        ({"members": PAIR, "theta.period": "5"}, UnknownName, "'theta.period'"),
        ({"members": PAIR, "weights": "1"}, BadInput, "do not fit 2 members"),
        ({"members": PAIR, "weights": "1,-1"}, BadInput, "give each a number above 0"),
        ({"members": ""}, BadInput, "members of mean cannot be"),
    ],
)
def test_settings_that_cannot_be_used_are_named(values, settings, error, message):
    with pytest.raises(error, match=message):
        MEAN.fit(series_table(2), rows(values), settings)
