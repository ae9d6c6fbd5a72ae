"""The chi-squared test agrees with SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from argosy_detectors import (
    chi_squared,
    psi,
)

from .samples import categorical, only, rows_of


def test_chi_squared_agrees_with_scipy_when_nothing_is_pooled():
    """The test of homogeneity: the reference is a sample, not the population."""
    rng = np.random.default_rng(8)
    sides = (rng.multinomial(n, np.full(8, 1 / 8), 200).tolist() for n in (1000, 900))
    pairs = list(zip(*sides, strict=True))
    found = chi_squared.measure(categorical(*pairs)).to_pylist()
    for counts, answer in zip(pairs, found, strict=True):
        if answer["p_method"] == "chi2":
            expected = stats.chi2_contingency(counts, correction=False)
        else:
            expected = stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood")
            assert answer["p_value"] < 0.05
        pearson = stats.chi2_contingency(counts, correction=False).statistic
        assert pearson == pytest.approx(answer["statistic"], rel=1e-12)
        assert expected.pvalue == pytest.approx(answer["p_value"], abs=1e-12)
        assert (pearson / 1900) ** 0.5 == pytest.approx(answer["effect"], rel=1e-12)


def test_chi_squared_stands_alone_when_both_sides_are_equally_large():
    """There the likelihood ratio is never the more cautious of the two."""
    rng = np.random.default_rng(9)
    pairs = [
        [rng.multinomial(800, rng.dirichlet(np.full(6, 30))).tolist() for _ in "ab"]
        for _ in range(100)
    ]
    found = chi_squared.measure(categorical(*pairs)).to_pylist()
    expected = [stats.chi2_contingency(counts, correction=False).pvalue for counts in pairs]

    assert expected == pytest.approx([row["p_value"] for row in found], abs=1e-12)
    assert {"chi2"} == {row["p_method"] for row in found}
    assert min(expected) < 1e-6


def test_chi_squared_yields_to_the_likelihood_ratio_in_the_tail():
    """A rare category in a small sample: Pearson's tail is too light there."""
    counts = [4500, 500], [80, 22]
    answer = only(chi_squared.measure(categorical(counts)))
    pearson = stats.chi2_contingency(counts, correction=False)
    ratio = stats.chi2_contingency(counts, correction=False, lambda_="log-likelihood")

    assert ratio.pvalue == pytest.approx(answer["p_value"], rel=1e-9)
    assert pearson.pvalue < ratio.pvalue
    assert pearson.statistic == pytest.approx(answer["statistic"], rel=1e-12)
    assert "likelihood ratio" == answer["p_method"]


def test_rare_categories_are_pooled_into_one_another():
    """Each alone expects too few rows to be chi-squared; the most common stays by itself."""
    apart = [[500, 2, 2, 2, 4], [480, 2, 3, 4, 1]]
    together = [[500, 10], [480, 10]]
    answer = only(chi_squared.measure(categorical(apart)))
    expected = stats.chi2_contingency(together, correction=False)

    assert expected.statistic == pytest.approx(answer["statistic"], rel=1e-12)
    assert expected.pvalue == pytest.approx(answer["p_value"], rel=1e-12)


def test_a_column_too_sparse_for_chi_squared_is_tested_exactly():
    """The most common category against the rest, at any sample size."""
    table = categorical(([300, 2, 1], [290, 3, 2]), ([8, 0], [0, 8]), ([5000, 0], [97, 3]))
    squares = [[[300, 3], [290, 5]], [[8, 0], [0, 8]], [[5000, 0], [97, 3]]]
    expected = [stats.fisher_exact(square).pvalue for square in squares]

    for detector in (chi_squared, psi):
        found = detector.measure(table)

        assert expected == pytest.approx(found["p_value"].to_pylist(), abs=1e-12)
        assert ["exact"] * 3 == found["p_method"].to_pylist()


@pytest.mark.parametrize("detector", [chi_squared, psi])
def test_unseen_and_vanished_categories_are_drift(detector):
    """One level replaced by another of the same size."""
    table = categorical(([500, 100, 0], [500, 0, 100]), ([600, 0], [500, 100]), ([9] * 3, [9] * 3))
    found = detector.measure(table)

    assert [True, True, False] == [p < 1e-9 for p in found["p_value"].to_pylist()]
    assert [True, True, False] == [e > 0.1 for e in found["effect"].to_pylist()]


def test_disjoint_categories_have_the_largest_effect():
    """Cramér's V is one where a category names its side."""
    assert 1.0 == only(chi_squared.measure(categorical(([90, 0], [0, 60]))))["effect"]


@pytest.mark.parametrize("detector", [chi_squared, psi])
def test_one_category_on_both_sides_has_not_drifted(detector):
    """Nor does a second one that nobody has make a difference."""
    found = detector.measure(categorical(([30], [20]), ([30, 0], [20, 0])))

    assert [(0.0, 0.0, 1.0, "chi2", None)] * 2 == rows_of(found)
