"""The Kolmogorov-Smirnov test agrees with SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import kolmogorov

from argosy_detectors import (
    ks,
    psi,
)

from .samples import INFINITY, numeric, only, quick, some_numeric


def test_ks_agrees_with_scipy():
    """Same statistic everywhere, same p-value wherever it says exact."""
    table = some_numeric(300, seed=2).slice(0, 300)
    found = ks.measure(table).to_pylist()
    exact = 0
    for row, answer in zip(table.to_pylist(), found, strict=True):
        expected = stats.ks_2samp(row["reference"], row["current"])
        assert expected.statistic == pytest.approx(answer["statistic"], abs=1e-12)
        if answer["p_method"] == "exact":
            exact += 1
            assert expected.pvalue == pytest.approx(answer["p_value"], abs=1e-12)
        else:
            pairs, both = row_sizes(row)
            limit = kolmogorov((pairs / both) ** 0.5 * expected.statistic)
            assert limit == pytest.approx(answer["p_value"], rel=1e-9)
            assert limit >= 0.2 or limit <= 1e-9 or answer["effect"] < 0.1

    assert exact > 50


def row_sizes(row):
    n, m = len(row["reference"]), len(row["current"])
    return n * m, n + m


@pytest.mark.parametrize(
    ("size", "shift", "method"),
    [(1000, 30, "limit"), (1000, 60, "limit"), (1000, 120, "exact"), (1000, 900, "limit")],
)
def test_ks_is_exact_where_that_can_change_a_verdict(size, shift, method):
    """Below the floor nothing alerts; far in the tail the limit is small enough."""
    values = np.arange(size)

    assert method == only(ks.measure(numeric((values, values + shift))))["p_method"]


@quick
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    shifts=st.lists(st.floats(0, 1e3), min_size=2, max_size=6),
)
def test_ks_grows_with_the_shift(values, shifts):
    """The further a column moves, the larger the effect."""
    table = numeric(*((values, np.array(values) + shift) for shift in sorted(shifts)))
    effects = ks.measure(table)["effect"].to_pylist()

    assert sorted(effects) == effects


@quick
@given(
    reference=st.lists(st.sampled_from([-INFINITY, -1.0, -0.0, 0.0, 2.0, INFINITY]), min_size=1),
    current=st.lists(st.sampled_from([-INFINITY, -1.0, -0.0, 0.0, 2.0, INFINITY]), min_size=1),
)
def test_ks_takes_ties_and_infinities_as_they_are(reference, current):
    """Infinities are extreme values, and both zeros are one."""
    distances = [
        abs(np.mean(np.array(reference) <= x) - np.mean(np.array(current) <= x))
        for x in reference + current
    ]

    assert max(distances) == pytest.approx(
        only(ks.measure(numeric((reference, current))))["effect"], abs=1e-12
    )


@pytest.mark.parametrize("detector", [ks, psi])
@pytest.mark.parametrize("value", [0.0, 7.5, INFINITY, -INFINITY])
def test_a_constant_column_has_not_drifted(detector, value):
    """Other libraries answer NaN here, which hides or raises alarms."""
    answer = only(detector.measure(numeric(([value] * 30, [value] * 20))))

    assert (0.0, 1.0, None) == (answer["effect"], answer["p_value"], answer["reason"])


def test_one_row_a_side_is_enough_for_an_answer():
    """New models have few rows; their p-value says so."""
    table = numeric(([1.0], [2.0]), ([1.0], [1.0]), ([1.0] * 5, [2.0]))

    assert [1.0, 0.0, 1.0] == ks.measure(table)["effect"].to_pylist()
    assert min(ks.measure(table)["p_value"].to_pylist()) > 0.2
    assert [1.0, 1.0, 1.0] == psi.measure(table)["p_value"].to_pylist()
