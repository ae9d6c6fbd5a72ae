"""Means of groups of models: within the metric's bounds, and sure of what they say."""

from math import inf

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.types import Metric
from argosy.views.group_means import VARIES, squares, with_interval

BOUNDS = [(0, 1), (-1, 1), (0, inf), (-inf, 1), (-inf, inf)]
inside = st.floats(0.001, 0.999)


def metric(bounds, best=None):
    return Metric("some", frozenset(), print, best is None, bounds, best=best)


def group(values, errors):
    frame = pl.DataFrame({"value": values, "error": errors})
    return frame.select(models=pl.len(), value=pl.col("value").mean(), **squares(pl.col("value")))


@given(
    values=st.lists(inside, min_size=2, max_size=6),
    error=st.floats(0.001, 3),
    bounds=st.sampled_from(BOUNDS),
    varies=st.sampled_from(VARIES),
)
def test_intervals_keep_to_the_bounds_and_hold_the_mean(values, error, bounds, varies):
    found = with_interval(group(values, [error] * len(values)), metric(bounds), varies)

    low, value, high = found.select("lower", "value", "upper").row(0)
    if low is not None:
        assert bounds[0] <= low <= value + 1e-9
        assert value - 1e-9 <= high <= bounds[1]
    assert found["varies"].to_list() == [varies]


def test_what_varies_makes_the_interval():
    """Equal models vary by rows alone; models that are known exactly vary by models alone."""
    alike = group([1.0, 1.0, 1.0], [0.3, 0.3, 0.3])
    exact = group([1.0, 2.0, 3.0], [1e-9] * 3)
    wide = metric((-inf, inf))

    def reach(groups, varies):
        low, high = with_interval(groups, wide, varies).select("lower", "upper").row(0)
        return (high - low) / 2

    assert 1.96 * 0.3 / 3**0.5 == pytest.approx(reach(alike, "rows"), rel=1e-3)
    assert reach(alike, "models") == reach(alike, "both") == 0
    assert reach(exact, "rows") < 1e-8
    assert 4.3027 / 3**0.5 == pytest.approx(reach(exact, "both"), rel=1e-4)
    assert reach(exact, "models") == pytest.approx(reach(exact, "both"))


def test_both_covers_the_mean_of_all_models_and_rows_those_at_hand():
    generator = np.random.default_rng(1)
    hits = dict.fromkeys(("rows", "both"), 0)
    for _ in range(300):
        own = 0.7 + generator.normal(0, 0.05, 8)
        seen = own + generator.normal(0, 0.02, 8)
        groups = group(seen, [0.02] * 8)
        for varies, true in (("rows", own.mean()), ("both", 0.7)):
            low, high = (
                with_interval(groups, metric((0, 1)), varies).select("lower", "upper").row(0)
            )
            hits[varies] += low < true < high
    assert 275 <= min(hits.values()) <= max(hits.values()) <= 297


def test_a_bias_is_a_distance_and_never_below_zero():
    found = with_interval(group([0.1, 0.1], [1.0, 1.0]), metric((-inf, inf), best=0.0), "rows")

    assert found["lower"].item() > 0
