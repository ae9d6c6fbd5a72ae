"""The theta method does as well as where it was published, and finds what library code finds."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from argosy_forecast.forecasters import FORECASTERS
from argosy_forecast.forecasters.theta_loops import seasons, theta_forecasts

from .drawn_load import asked, load, rows, series_table, told

THETA = FORECASTERS["theta"]
SHARED = Path(__file__).parents[5] / "shared" / "data"


@pytest.fixture(scope="module")
def weekly():
    """Return M4's weekly series: name, what is learnt from, what came true."""
    path = Path(os.environ.get("ARGOSY_DATA", SHARED)) / "series_m4_weekly.parquet"
    if not path.exists():
        pytest.skip(f"no {path.name} in {path.parent}; set ARGOSY_DATA to its folder")
    frame = pl.read_parquet(path).sort("series", "step")
    return [
        (name, *(part.filter(pl.col("part") == kind)["y"].to_numpy() for kind in ("train", "test")))
        for (name,), part in frame.group_by("series", maintain_order=True)
    ]


RECORDED = {
    "W12": (1037.0094510188237, 1036.6810687405095),
    "W14": (2433.4050391096935, 2455.099679587465),
    "W15": (4452.937816949274, 4502.358100353121),
    "W22": (3591.6596205782444, 3591.6596205782444),
    "W39": (5836.396556518469, 5848.144734791728),
    "W40": (5832.42456799015, 5844.361205388488),
}
"""The first and the last of 13 steps by `DynamicOptimizedTheta(1)` of statsforecast 2.1.1."""


def forecast(past, steps=13):
    return theta_forecasts(past[None].astype(float), np.array([0]), np.arange(1, steps + 1))[0]


def test_m4_weekly_is_forecast_as_well_as_theta_was(weekly):
    """The organisers' table has 9.093 and 2.637 for the theta that is not optimised."""
    smape, mase = [], []
    for _, past, true in weekly:
        found = forecast(past)
        smape.append(np.mean(200 * np.abs(found - true) / (np.abs(found) + np.abs(true))))
        mase.append(np.mean(np.abs(found - true)) / np.mean(np.abs(np.diff(past))))

    assert abs(np.mean(smape) - 9.064) < 0.03
    assert abs(np.mean(mase) - 2.577) < 0.01


def test_statsforecast_finds_the_same(weekly):
    """It searches three numbers by a simplex; of the first 40 series one differs by 8e-4, the
    others by less than 6e-5."""
    for name, past, _ in weekly:
        if name in RECORDED:
            np.testing.assert_allclose(forecast(past)[[0, 12]], RECORDED[name], rtol=1e-3)


def test_a_line_is_carried_on():
    found = forecast(np.arange(10.0, 60.0), 3)

    np.testing.assert_allclose(found, [60, 61, 62], rtol=0.02)


def test_the_smallest_squares_are_found():
    """No level, smoothing and share of a grid leave smaller ones."""
    y = np.cumsum(np.random.default_rng(3).normal(0.3, 1.0, 60)) + 50

    def course(alpha, start, share):
        level, mean, intercept, slope = alpha * y[0] + (1 - alpha) * start, y[0], y[0], 0.0
        errors = 0.0
        for i in range(1, len(y)):
            decay = (1 - alpha) ** i
            line = intercept * decay + slope * (1 - decay * (1 - alpha)) / alpha
            errors += (y[i] - level - share * line) ** 2 if i >= 3 else 0.0
            level = alpha * y[i] + (1 - alpha) * level
            before, mean = mean, (i * mean + y[i]) / (i + 1)
            slope = ((i - 1) * slope + 6 * (y[i] - before) / (i + 1)) / (i + 2)
            intercept = mean - slope * (i + 2) / 2
        decay = (1 - alpha) ** len(y)
        line = intercept * decay + slope * (1 - decay * (1 - alpha)) / alpha
        return errors, level + share * line

    tried = [
        course(alpha, start, share)
        for alpha in np.linspace(0.1, 0.99, 30)
        for start in np.linspace(0, 100, 41)
        for share in np.linspace(0, 1, 11)
    ]
    best = min(tried)[1]

    assert abs(forecast(y, 1)[0] - best) < 0.3


def test_seasons_are_found_as_factors_or_terms():
    values = load(1, 40, noise=0.01)
    found, kinds = seasons(values, np.array([0]), 24)
    lower, others = seasons(values - values.mean(), np.array([0]), 24)

    assert [1, 0] == [kinds[0], others[0]]
    assert abs(found.mean() - 1) < 1e-12
    assert abs(lower.mean()) < 1e-9
    np.testing.assert_allclose(values.mean() * (found - 1), lower, atol=3)


def test_noise_has_no_seasons():
    values = np.random.default_rng(4).normal(100, 1, (1, 2_000))

    assert -1 == seasons(values, np.array([0]), 24)[1][0]


def test_it_keeps_nothing_but_errors_and_answers_any_series_and_step():
    values = load(3, 80)
    content = THETA.fit(series_table(2), rows(values[:2]), {})

    found = THETA.forecast(
        content, series_table(3), rows(values), asked(3, values.shape[1], [1, 30, 300]), ()
    )

    assert np.abs(told(found, 3) / values.mean(axis=1, keepdims=True) - 1).max() < 0.6
    assert len(content) < 10_000
