"""Rows that depend on each other are cut into batches that nobody's neighbours change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels import batches
from argosy.kernels.batch_cuts import NO_TIME
from argosy.kernels.batches import Batches, settled, squared, student

HOUR = 3_600_000_000


def cut(times=None, clusters=None, weight=None):
    """Cut one group: the batch of each row, and how many there are."""
    rows = len(clusters if times is None else times)
    time = None if times is None else np.asarray(times, np.int64)
    cluster = None if clusters is None else np.asarray(clusters, float)
    weight = np.ones(rows) if weight is None else np.asarray(weight, float)
    found = batches(np.array([rows]), weight, time, cluster)
    return found.of.tolist(), found.counts.item()


def test_ten_contiguous_batches_of_equally_many_rows():
    of, many = cut(np.arange(100) * HOUR)

    assert of == [row // 10 for row in range(100)]
    assert many == 10


def test_from_twenty_days_on_no_day_is_cut():
    hours = np.arange(24 * 25)
    of, _ = cut(hours * HOUR)
    days = {(hour // 24, batch) for hour, batch in zip(hours.tolist(), of, strict=True)}

    assert len(days) == 25
    assert sorted(set(of)) == list(range(10))


def test_rows_of_one_time_are_not_cut():
    times = np.repeat(np.arange(30), 7) * HOUR
    of, _ = cut(times)

    assert len(set(zip(times.tolist(), of, strict=True))) == 30


def test_no_cluster_is_cut_and_it_stands_where_its_first_row_does():
    rng = np.random.default_rng(2)
    times, clusters = np.arange(300) * HOUR, rng.integers(0, 40, 300)
    of, many = cut(times, clusters)
    first = {c: np.flatnonzero(clusters == c)[0] for c in range(40)}
    by_start = [of[first[c]] for c in sorted(first, key=first.get)]

    assert many == 10
    assert len(set(zip(clusters.tolist(), of, strict=True))) == 40
    assert by_start == sorted(by_start)


def test_without_a_time_each_cluster_is_a_batch_and_one_without_a_name_its_own():
    of, many = cut(clusters=[5.0, 2.0, 5.0, np.nan, np.nan])

    assert many == 4
    assert of[0] == of[2]
    assert len(set(of)) == 4


def test_fewer_times_than_batches_are_as_many_batches():
    assert cut(np.repeat(np.arange(4), 50) * HOUR)[1] == 4


def test_one_time_for_all_rows_orders_none():
    assert cut(np.full(100, 7 * HOUR))[1] == 0
    assert cut(np.full(100, 7 * HOUR), clusters=np.arange(100) // 5)[1] == 20


def test_where_nothing_is_told_rows_are_taken_for_independent():
    found = batches(np.array([3, 2]), np.ones(5), np.full(5, NO_TIME), np.full(5, np.nan))

    assert not found.some


def test_a_very_long_moment_leaves_no_batch_empty():
    times = np.concatenate([np.zeros(500), np.arange(1, 40)]).astype(int) * HOUR
    of, many = cut(times)

    assert many == 10
    assert set(of) == set(range(10))


def test_rows_of_weight_zero_count_as_absent():
    times, weight = np.arange(60) * HOUR, np.ones(60)
    weight[:20] = 0.0
    of, many = cut(times, weight=weight)

    assert (of[20:], many) == (cut(times[20:])[0], 10)


@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_neither_the_order_of_rows_nor_neighbours_change_a_batch(seed, timed, clustered):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 120, 4)
    rows = int(lengths.sum())
    time = rng.integers(0, 60, rows) * HOUR if timed else None
    cluster = rng.integers(0, 25, rows).astype(float) if clustered else None
    whole = batches(lengths, np.ones(rows), time, cluster)
    ends = np.cumsum(lengths)
    for group, (end, length) in enumerate(zip(ends, lengths, strict=True)):
        order = end - length + rng.permutation(length)
        own = (None if each is None else each[order] for each in (time, cluster))
        alone = batches(np.array([length]), np.ones(length), *own)

        assert alone.of.tolist() == whole.of[order].tolist()
        assert alone.counts.item() == whole.counts[group]


def test_the_variance_is_that_of_statsmodels_for_clusters():
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(4)
    clusters = rng.integers(0, 23, 300)
    y = rng.normal(size=23)[clusters] + rng.normal(size=300)
    told = sm.OLS(y, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    found = batches(np.array([300]), np.ones(300), None, clusters.astype(float))
    variance = squared((y - y.mean()) / 300, *found, np.array([0]), np.array([300]))

    assert np.sqrt(variance) == pytest.approx(told.bse, rel=1e-9)


def test_a_single_batch_says_nothing():
    one = Batches(np.zeros(4, int), np.array([1]))

    assert np.isnan(squared(np.ones(4), *one, np.array([0]), np.array([4])))
    assert student(np.array([1])) == pytest.approx(1.96, abs=1e-2)
    alone = settled(np.array([4]), np.ones(1), np.full(1, np.nan), np.array([0]))
    assert (alone.variance.tolist(), np.isnan(alone.worth).all()) == ([1.0], True)
