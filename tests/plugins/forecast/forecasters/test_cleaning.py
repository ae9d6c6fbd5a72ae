"""Readings that cannot be meant are replaced by earlier ones, and never by later ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy_forecast.forecasters.cleaning import REASONS, carried_back, cleaned

from .drawn_load import load


def why(found, place, series=0):
    return REASONS[found.codes[series, place]]


@pytest.mark.parametrize(
    ("reading", "reason"),
    [(np.nan, "missing"), (5e8, "spike"), (0.0, "spike"), (-1.7e7, "spike"), (400.0, "spike")],
)
def test_a_reading_that_cannot_be_meant_takes_that_of_a_week_before(reading, reason):
    values = load(1, 20, noise=0.0)
    values[0, 400] = reading

    found = cleaned(values, 24)

    assert reason == why(found, 400)
    assert values[0, 400 - 168] == found.values[0, 400]
    assert 1 == np.count_nonzero(found.codes)


def test_a_sound_history_is_left_as_it_is():
    values = load(3, 60)

    found = cleaned(values, 24)

    assert not found.codes.any()
    assert np.array_equal(values, found.values)


def test_a_spike_does_not_hide_the_next_of_that_hour():
    values = load(1, 30, noise=0.0)
    values[0, [400, 424]] = -1.7e7, 9e6

    found = cleaned(values, 24)

    assert ["spike", "spike"] == [why(found, place) for place in (400, 424)]


def test_a_sensor_that_is_stuck_is_told_from_the_fourth_reading_on():
    values = load(1, 30)
    values[0, 400:420] = values[0, 400]

    found = cleaned(values, 24)

    assert [0, 0, 0] == found.codes[0, 400:403].tolist()
    assert {"stuck"} == {why(found, place) for place in range(403, 420)}


def test_a_series_that_often_repeats_itself_is_not_stuck():
    values = np.round(load(1, 60) / 40) * 40

    assert "stuck" not in {REASONS[code] for code in np.unique(cleaned(values, 24).codes)}


def test_a_level_that_truly_moved_is_believed_within_a_week():
    values = load(1, 60)
    values[:, 24 * 30 :] *= 4

    codes = cleaned(values, 24).codes[0].reshape(-1, 24)

    assert codes[30].all()
    assert not codes[36:].any()


def test_a_retired_series_stays_at_zero():
    values = load(1, 60)
    values[:, 24 * 30 :] = 0.0

    found = cleaned(values, 24)

    assert not found.values[0, 24 * 40 :].any()


def test_nothing_before_the_first_reading_is_made_up():
    values = load(1, 20)
    values[:, :100] = np.nan

    found = cleaned(values, 24)

    assert 100 == found.begins[0]
    assert not found.values[0, :100].any()
    assert {"not begun"} == {why(found, place) for place in range(100)}


def test_a_history_that_is_too_short_is_carried_back_by_whole_weeks():
    values = load(1, 20)
    values[:, :100] = np.nan
    found = cleaned(values, 24)

    back = carried_back(found.values, found.begins, 24)

    assert np.array_equal(back[0, :100], back[0, 168:268])


@given(
    cut=st.integers(1, 700),
    seed=st.integers(0, 2**32 - 1),
    faults=st.lists(
        st.tuples(st.integers(0, 719), st.sampled_from([np.nan, 0.0, -5.0, 1e9, 100.0])),
        max_size=60,
    ),
)
def test_what_comes_later_never_moves_what_was(cut, seed, faults):
    values = load(2, 30, seed=seed % 100)
    for place, reading in faults:
        values[0, place] = reading
    later = values.copy()
    later[:, cut:] = np.random.default_rng(seed).normal(0, 1e4, later[:, cut:].shape)

    here, there, alone = cleaned(values, 24), cleaned(later, 24), cleaned(values[:, :cut], 24)

    for found in (there, alone):
        assert np.array_equal(here.values[:, :cut], found.values[:, :cut])
        assert np.array_equal(here.codes[:, :cut], found.codes[:, :cut])
