"""The test of missing values agrees with Fisher's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from argosy_detectors import (
    nulls,
)
from argosy_detectors.fisher import fisher

from .samples import missing, quick, rows_of


@quick
@given(
    st.lists(
        st.tuples(st.integers(1, 300), st.floats(0, 1), st.integers(1, 300), st.floats(0, 1)),
        min_size=1,
        max_size=10,
    )
)
def test_nulls_agrees_with_fishers_exact_test(drawn):
    """For every share of missing values, on samples of any two sizes."""
    quadruples = [(n, round(n * p), m, round(m * q)) for n, p, m, q in drawn]
    found = nulls.measure(missing(*quadruples)).to_pylist()

    for (n, x, m, y), answer in zip(quadruples, found, strict=True):
        expected = stats.fisher_exact([[x, n - x], [y, m - y]]).pvalue
        assert expected == pytest.approx(answer["p_value"], rel=1e-9, abs=1e-15)
        assert abs(x / n - y / m) == pytest.approx(answer["effect"], abs=1e-12)
        assert answer["statistic"] == answer["effect"]
        assert "exact" == answer["p_method"]


@pytest.mark.parametrize(
    ("n", "x", "m", "y"),
    [
        (1000, 3, 1000, 10),
        (100_000, 2000, 80_000, 1700),
        (1_000_000, 500_000, 900_000, 451_000),
        (20_000, 9000, 20_000, 11_000),
        (50_000, 0, 10, 2),
    ],
)
def test_fishers_exact_test_is_exact_for_large_samples(n, x, m, y):
    """Log-factorials of a million lose ten digits unless they are taken apart."""
    found = fisher(*(np.array([count]) for count in (x, n, y, m)))

    assert stats.fisher_exact([[x, n - x], [y, m - y]]).pvalue == pytest.approx(found[0], abs=1e-9)


def test_no_missing_values_and_only_missing_values_are_no_change():
    """There is nothing to compare, and nothing has changed."""
    found = nulls.measure(missing((100, 0, 50, 0), (100, 100, 50, 50)))

    assert [(0.0, 0.0, 1.0, "exact", None)] * 2 == rows_of(found)


def test_nulls_is_undefined_without_rows():
    """Missing values are counted among rows, so it takes rows, not values."""
    found = nulls.measure(missing((0, 0, 5, 1), (5, 1, 0, 0), (5, 5, 5, 0)))

    assert ["no reference rows", "no current rows", None] == found["reason"].to_pylist()
    assert [None, None, 1.0] == found["effect"].to_pylist()
