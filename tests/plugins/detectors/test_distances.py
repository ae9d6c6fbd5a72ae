"""Distances between samples stay within their bounds and need no unit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from argosy_detectors import (
    jensen_shannon,
    wasserstein,
)

from .samples import categorical, numeric, only


def test_jensen_shannon_never_exceeds_one():
    """Not by a rounding of many terms either."""
    ones, none = [1] * 100_000, [0] * 100_000
    answer = only(jensen_shannon.measure(categorical((ones + none, none + ones))))

    assert 1.0 == answer["effect"] == answer["statistic"]


@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1e170, 1e300])
def test_wasserstein_does_not_depend_on_the_unit(unit):
    """The squares of such numbers are none, their standard deviation is one."""
    before, after = np.array([0.0, 1, 2, 5]), np.array([1.0, 3, 4, 4, 9])
    expected = stats.wasserstein_distance(before, after) / np.std(before)
    answer = only(wasserstein.measure(numeric((before * unit, after * unit))))

    assert expected == pytest.approx(answer["effect"], rel=1e-12)
