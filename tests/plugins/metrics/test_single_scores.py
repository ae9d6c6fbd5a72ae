"""Ranks, calibration and latencies are measured as they are defined."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import polars as pl
import pytest
from sklearn.calibration import calibration_curve as sk_curve

from .measuring import TIMED, binary, close, measured


@pytest.mark.parametrize("name", ["auc", "average_precision", "gini", "ks", "lift"])
def test_scores_that_only_rank_may_lie_anywhere(name):
    """Margins have no bounds, and the logarithm of zero is infinite."""
    truth = [0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1]
    score = [-inf, -3.0, -0.0, 0.0, 5e-324, -5e-324, 7.0, 1e300, inf, inf, 9.0]
    places = np.searchsorted(sorted(set(score)), score).astype(float)

    assert measured(name, binary(truth, score)) == close(measured(name, binary(truth, places)))


def test_scores_that_are_all_equal_rank_nothing():
    rows = binary([0, 1, 1, 0, 1], [0.5] * 5)

    found = {name: measured(name, rows) for name in ("auc", "gini", "ks", "lift")}
    assert found == {"auc": close(0.5), "gini": close(0), "ks": close(0), "lift": close(1)}
    assert measured("average_precision", rows) == close(0.6)


def test_calibration_is_that_of_scikit_learns_curve():
    rng = np.random.default_rng(11)
    score = np.append(rng.random(500), np.linspace(0, 1, 16))  # edges of bins among them
    truth = rng.random(516) < score**2
    share, mean = sk_curve(truth, score, n_bins=15)
    places = np.searchsorted(np.linspace(0, 1, 16)[1:-1], score)
    sizes = np.bincount(places)

    theirs = (sizes[sizes > 0] * np.abs(share - mean)).sum() / 516
    assert measured("expected_calibration_error", binary(truth, score)) == close(theirs)


@pytest.mark.parametrize(
    ("latency", "mean", "p95"),
    [
        ([1.0, nan, 3.0], 2.0, 3.0),
        ([nan] * 3, *["no row has a latency"] * 2),
        ([1.0, -1.0, 2.0], *["some latencies are negative or infinite"] * 2),
        ([1.0, inf, 2.0], *["some latencies are negative or infinite"] * 2),
    ],
)
def test_latencies_are_measured_where_they_are(latency, mean, p95):
    rows = binary([0, 1, 0], [0.1, 0.9, 0.4]).with_columns(latency=pl.Series(latency))

    assert [mean, p95] == [measured(name, rows) for name in TIMED]
