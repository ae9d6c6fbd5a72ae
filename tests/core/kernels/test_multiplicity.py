"""Adjusted p-values are SciPy's, group by group."""

import numpy as np
import pytest
from scipy import stats

from argosy.kernels.multiplicity import adjusted


@pytest.mark.parametrize(("groups", "many"), [(30, 500), (3, 9_000)], ids=["small", "large"])
@pytest.mark.parametrize("seed", range(5))
def test_every_group_is_adjusted_as_scipy_does(seed, groups, many):
    generator = np.random.default_rng(seed)
    group = generator.integers(0, groups, many)
    p_value = generator.uniform(size=many) ** 3
    p_value[::7] = p_value[3]  # ties

    found = adjusted(p_value, group)

    for one in np.unique(group):
        mine = group == one
        assert found[mine] == pytest.approx(stats.false_discovery_control(p_value[mine]), abs=1e-15)


def test_a_tiny_p_value_keeps_its_digits_beside_large_ones():
    assert adjusted(np.array([1e-300, 1.0]), np.array([0, 0]))[0] == 2e-300


def test_nothing_is_adjusted_to_nothing():
    assert adjusted(np.zeros(0), np.zeros(0, np.int64)).tolist() == []


@pytest.mark.parametrize("wrong", [np.nan, -1e-9, 1 + 1e-9, np.inf])
@pytest.mark.parametrize("many", [2, 9_000], ids=["small", "large"])
def test_fault_1_what_is_no_p_value_is_refused(many, wrong):
    """One NaN made all others NaN; -1 made a q-value of -6."""
    p_value = np.full(many, 0.5)
    p_value[1] = wrong

    with pytest.raises(ValueError, match=r"the p-value at place 1 is .*, not in \[0, 1\]"):
        adjusted(p_value, np.zeros(many, np.int64))
