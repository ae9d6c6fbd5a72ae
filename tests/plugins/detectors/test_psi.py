"""The population stability index follows its definition."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy import stats
from scipy.special import chdtrc

from argosy_detectors import (
    psi,
)
from argosy_detectors.buckets import Buckets, heads, levels, pooled_levels
from argosy_detectors.counts import deciles
from argosy_detectors.sweep import swept

from .samples import categorical, numeric, only, some_categorical, some_numeric


def index_by_definition(reference, current):
    """PSI in the words of the guide, one value at a time."""
    n, m = sum(reference), sum(current)
    half = len(reference) / 2
    shares = [
        ((r + 0.5) / (n + half), (c + 0.5) / (m + half))
        for r, c in zip(reference, current, strict=True)
    ]
    return sum((q - p) * log(q / p) for p, q in shares)


def deciles_by_definition(reference, current):
    reference = sorted(reference)
    edges = {reference[len(reference) * tenth // 10] for tenth in range(1, 10)}
    edges = sorted(edge for edge in edges if edge > reference[0])
    return [
        [sum(sum(edge <= x for edge in edges) == b for x in side) for b in range(len(edges) + 1)]
        for side in (reference, current)
    ]


def test_psi_of_numbers_follows_its_definition():
    """Ties, infinities, values below the reference's minimum, one row: all the same rule."""
    table = some_numeric(90, seed=3).slice(0, 90)
    found = psi.measure(table).to_pylist()
    for row, answer in zip(table.to_pylist(), found, strict=True):
        counts = deciles_by_definition(row["reference"], row["current"])
        assert 0 not in counts[0]
        assert index_by_definition(*counts) == pytest.approx(answer["effect"], abs=1e-12)
        assert answer["statistic"] == answer["effect"]


def test_psi_of_categories_follows_its_definition():
    """A category that neither side has is no bucket."""
    table = some_categorical(60, seed=4).slice(0, 60)
    found = psi.measure(table).to_pylist()
    for row, answer in zip(table.to_pylist(), found, strict=True):
        pairs = [
            pair for pair in zip(row["ref_counts"], row["cur_counts"], strict=True) if any(pair)
        ]
        assert index_by_definition(*zip(*pairs, strict=True)) == pytest.approx(
            answer["effect"], abs=1e-12
        )


def test_psi_has_ten_equal_buckets_without_ties():
    """So no bucket is thin merely because of where the edges fall."""
    sides = (np.arange(low, low + 70.0) for low in (0, 35))
    buckets = deciles(swept(numeric(tuple(sides))))

    assert [7.0] * 10 == buckets.reference.tolist()
    assert [0.0] * 5 + [7.0] * 4 + [42.0] == buckets.current.tolist()


def test_psi_is_chi_squared_when_no_bucket_is_thin():
    """The limit, scaled by the sizes of both sides."""
    rng = np.random.default_rng(6)
    answer = only(psi.measure(numeric((rng.normal(size=900), rng.normal(size=700)))))
    scaled = answer["statistic"] * 900 * 700 / 1600

    assert chdtrc(9, scaled) == pytest.approx(answer["p_value"], rel=1e-12)
    assert "chi2" == answer["p_method"]


def test_psi_yields_to_pearson_in_the_tail():
    """An empty bucket weighs more in PSI than its probability warrants."""
    counts = [500] * 10, [11, 11, 11, 11, 11, 11, 11, 11, 12, 0]
    answer = only(psi.measure(categorical(counts)))
    pearson = stats.chi2_contingency(counts, correction=False)

    assert pearson.pvalue == pytest.approx(answer["p_value"], rel=1e-9)
    assert "pearson" == answer["p_method"]


def test_psi_grows_with_the_shift():
    """The further a column moves, the larger the effect and the smaller the p-value."""
    values = np.random.default_rng(6).normal(size=2000)
    found = psi.measure(numeric(*((values, values + step / 10) for step in range(6))))
    effects, p_values = found["effect"].to_pylist(), found["p_value"].to_pylist()

    assert sorted(effects) == effects
    assert sorted(p_values, reverse=True) == p_values
    assert 0.0 == effects[0]
    assert effects[-1] > 0.1


def test_pooling_leaves_no_thin_bucket():
    """Five rows expected on the smaller side, in every table that has ten to share."""
    table = some_categorical(200, seed=7)
    buckets = levels(table)
    merged, sparse = pooled_levels(buckets)
    n, m = merged.total(merged.reference), merged.total(merged.current)
    share = (merged.reference + merged.current) / (n + m)[merged.owner]
    expected = share * np.minimum(n, m)[merged.owner]
    alone = merged.sizes()[merged.owner] == 1

    assert (expected[~alone & ~sparse[merged.owner]] >= 5).all()
    assert (merged.sizes()[sparse] == 2).all()
    assert buckets.total(buckets.reference).tolist() == n.tolist()
    assert buckets.total(buckets.current).tolist() == m.tolist()


def test_pooling_keeps_a_remainder_with_its_neighbour():
    """The last group must not be thin either."""
    buckets = Buckets(np.zeros(5, int), np.full(5, 3.0), np.full(5, 3.0), 1)

    assert [True, False, True, False, False] == heads(buckets, buckets.reference).tolist()
