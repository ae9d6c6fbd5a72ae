"""How many independent rows dependent ones are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels import Ragged
from argosy_drift.dependence.inflation import pooled
from argosy_drift.dependence.lag_records import code_records, merged, missing_records, records
from argosy_drift.dependence.row_order import UNKNOWN, RowOrder

NOTHING = Ragged.of(np.zeros(0), np.zeros(1, np.int64))


def course(generator, phi, rows):
    """Rows of a first-order autoregression."""
    noise = generator.normal(size=rows) * np.sqrt(1 - phi**2)
    found = np.empty(rows)
    value = generator.normal()
    for row in range(rows):
        value = phi * value + noise[row] if row else value
        found[row] = value
    return found


def order(*sizes, **named):
    lengths = np.array(sizes)
    return RowOrder.of(lengths, times=np.concatenate([np.arange(size) for size in sizes]), **named)


def recorded(values, own):
    return Ragged.of(*records(values, own))


def inflation(values, lengths, times=None, clusters=None, days=None):
    """Tau of every list by itself."""
    found = recorded(values, RowOrder.of(lengths, times, days, clusters))
    return pooled(found, Ragged.of(np.zeros(0), np.zeros(len(lengths), np.int64)))


def by_definition(sides):
    """Tau of the definition, from ranks in full, plainly written."""
    found = []
    for fold in (False, True):
        series = []
        for side in sides:
            rank = np.argsort(np.argsort(side)) - (len(side) - 1) / 2
            u = np.abs(rank) if fold else rank
            series.append((u - u.mean()) / u.std())
        whole = sum((u @ u) for u in series)

        def r(lag, series=series, whole=whole):
            return sum(u[:-lag] @ u[lag:] for u in series) / whole

        sokal, lag = 1.0, 0
        while lag < WINDOW * sokal:
            lag += 1
            sokal += 2 * r(lag)
        n = sum(map(len, series)) / len(series)
        phi = r(1) + (1 + 3 * r(1)) / n
        found.append(max(sokal, (1 + phi) / (1 - phi), 1.0))
    return max(found)


WINDOW = 5


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.7, 0.9])
@pytest.mark.parametrize("shape", ["normal", "lognormal", "far out"])
def test_it_is_what_the_definition_says(phi, shape):
    """But for ranks, which are coarse."""
    generator = np.random.default_rng(3)
    sides = [course(generator, phi, 1_500) for _ in range(2)]
    shapes = {
        "normal": lambda x: x,
        "lognormal": lambda x: np.exp(4 * x),
        "far out": lambda x: np.append(x[:-1], 1e12),
    }
    sides = [shapes[shape](side) for side in sides]

    found = pooled(*(recorded(side, order(1_500)) for side in sides))

    assert by_definition(sides) == pytest.approx(found[0], rel=0.03)


def test_rows_of_a_regression_are_worth_what_theory_says():
    """Of an autoregression (1 + phi) / (1 - phi) rows count as one."""
    generator = np.random.default_rng(5)
    rows = np.concatenate([course(generator, 0.8, 4_000) for _ in range(40)])

    found = inflation(rows, np.full(40, 4_000), np.tile(np.arange(4_000), 40))

    assert np.median(found) == pytest.approx(9, rel=0.1)


def test_independent_rows_are_worth_themselves():
    rows = np.random.default_rng(1).normal(size=200_000)

    found = inflation(rows, np.full(200, 1_000), np.tile(np.arange(1_000), 200))

    assert np.median(found) < 1.1
    assert found.min() >= 1


def test_the_order_of_rows_is_that_of_time():
    generator = np.random.default_rng(2)
    rows, times = course(generator, 0.9, 1_000), np.arange(1_000)
    shuffled = generator.permutation(1_000)

    told = inflation(rows, np.array([1_000]), times)

    assert told[0] > 10
    assert told == inflation(rows[shuffled], np.array([1_000]), times[shuffled])
    assert inflation(rows[shuffled], np.array([1_000]), times)[0] < 1.5


def test_rows_of_one_time_are_added_up_first():
    """Ten equal rows at each time are worth one."""
    rows = np.repeat(np.random.default_rng(4).normal(size=300), 10)

    found = inflation(rows, np.array([3_000]), np.repeat(np.arange(300), 10))

    assert found[0] == pytest.approx(10, rel=0.25)


def test_days_count_where_rows_of_a_day_hang_together():
    """Lags between rows see a third of it."""
    generator = np.random.default_rng(6)
    days = np.repeat(np.arange(100), 50)
    rows = generator.normal(size=100)[days] * 0.3 + generator.normal(size=5_000)
    whole = np.array([5_000]), np.arange(5_000)

    found = inflation(rows, *whole, days=days)

    assert found[0] == pytest.approx(1 + 49 * 0.09 / 1.09, rel=0.35)
    assert found[0] > 1.3 * inflation(rows, *whole)[0]


def test_a_scale_that_varies_is_dependence_too():
    generator = np.random.default_rng(7)
    rows = generator.normal(size=5_000) * np.exp(course(generator, 0.95, 5_000))

    assert inflation(rows, np.array([5_000]), np.arange(5_000))[0] > 5


def test_clusters_alone_are_enough():
    generator = np.random.default_rng(8)
    cluster = generator.permutation(np.repeat(np.arange(100), 20))
    rows = generator.normal(size=100)[cluster] + generator.normal(size=2_000)

    found = inflation(rows, np.array([2_000]), clusters=cluster)

    assert found[0] == pytest.approx(1 + 19 * 0.5, rel=0.3)


def test_few_clusters_are_worth_no_more_rows_than_they_are():
    rows = np.random.default_rng(9).normal(size=700)

    found = inflation(rows, np.array([700]), clusters=np.repeat(np.arange(7), 100))

    assert found.tolist() == [100]


def test_with_clusters_and_time_the_larger_number_holds():
    generator = np.random.default_rng(10)
    rows, cluster = course(generator, 0.9, 2_000), np.arange(2_000) % 400
    whole = np.array([2_000])

    by_time, by_cluster, both = (
        inflation(rows, whole, **named)
        for named in (
            {"times": np.arange(2_000)},
            {"clusters": cluster},
            {"times": np.arange(2_000), "clusters": cluster},
        )
    )

    assert both == max(by_time, by_cluster)
    assert inflation(np.sort(rows), whole, clusters=np.arange(2_000) // 5)[0] > 4


def test_nothing_is_said_where_nothing_says_anything():
    rows = np.random.default_rng(11).normal(size=60)

    assert np.isnan(inflation(rows, np.array([60]))).all()
    assert np.isnan(inflation(rows, np.array([60]), np.zeros(60, np.int64))).all()
    assert np.isnan(inflation(rows[:0], np.array([0]), np.zeros(0, np.int64))).all()


def test_rows_whose_time_is_unknown_are_left_out():
    generator = np.random.default_rng(12)
    rows, times = course(generator, 0.9, 1_000), np.arange(1_000)
    more = np.append(rows, generator.normal(size=300))

    found = inflation(more, np.array([1_300]), np.append(times, np.full(300, UNKNOWN)))

    assert found[0] > 8


def test_a_constant_hangs_together_no_more_than_any():
    assert inflation(np.ones(500), np.array([500]), np.arange(500)).tolist() == [1]


def test_a_walk_is_worth_hardly_any_rows():
    rows = np.cumsum(np.random.default_rng(13).normal(size=1_000))

    assert 1_000 / inflation(rows, np.array([1_000]), np.arange(1_000))[0] < 20


def test_missing_rows_keep_their_place():
    """Where half of them are missing, the others are further apart."""
    generator = np.random.default_rng(14)
    rows = course(generator, 0.9, 20_000)
    rows[generator.random(20_000) < 0.5] = np.nan

    found = inflation(rows, np.array([20_000]), np.arange(20_000))

    assert found[0] == pytest.approx(1 + 0.5 * 18, rel=0.25)


def test_a_short_window_is_judged_by_its_reference():
    generator = np.random.default_rng(15)
    reference = recorded(course(generator, 0.9, 1_000), order(1_000))
    short, long = (recorded(generator.normal(size=size), order(size)) for size in (499, 500))

    assert pooled(reference, NOTHING) == pooled(reference, short)
    assert pooled(reference, NOTHING) > pooled(reference, long)


def test_runs_of_missing_rows_and_sticky_categories_count():
    generator = np.random.default_rng(16)
    blocks = generator.random(500) < 0.1
    missing = np.repeat(blocks, 10)
    codes = np.repeat(generator.integers(0, 4, 500), 10).astype(np.int32)
    own = order(5_000)

    of_missing = pooled(Ragged.of(*missing_records(missing, own)), NOTHING)
    of_codes = pooled(Ragged.of(*code_records(codes, own)), NOTHING)

    assert 8 < of_missing[0] < 25
    assert 8 < of_codes[0] < 25
    assert pooled(Ragged.of(*code_records(generator.permutation(codes), own)), NOTHING)[0] < 1.3


def test_categories_count_as_their_indicators_do():
    """The lag sums are those of all indicators together, missing ones of none."""
    generator = np.random.default_rng(17)
    codes = generator.integers(-1, 4, 300).astype(np.int32)
    shares = np.array([(codes == c).sum() for c in range(4)]) / (codes >= 0).sum()
    parts = [np.where(codes >= 0, (codes == c) - shares[c], 0.0) for c in range(4)]

    record, _ = code_records(codes, order(300))

    lags = int(record[6])
    expected = [sum(u[: 300 - k] @ u[k:] for u in parts) for k in range(lags)]
    assert expected == pytest.approx(record[10 : 10 + lags], abs=1e-9)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_no_bit_depends_on_how_lists_are_cut(sizes, seed):
    generator = np.random.default_rng(seed)
    many = sum(sizes)
    values = np.where(generator.random(many) < 0.1, np.nan, generator.normal(size=many).round(1))
    times = generator.integers(0, 40, many)
    named = {"days": times // 5, "clusters": generator.integers(0, 9, many)}
    own = RowOrder.of(np.array(sizes), times=times, **named)
    flat, lengths = records(values, own)

    start = place = 0
    for number, size in enumerate(sizes):
        rows = slice(start, start + size)
        alone = RowOrder.of(
            np.array([size]),
            times=times[rows],
            days=named["days"][rows],
            clusters=named["clusters"][rows],
        )
        told, (length,) = records(values[rows], alone)
        assert told.tolist() == flat[place : place + lengths[number]].tolist()
        assert told.tolist() == records(values[rows], own.between(number, number + 1))[0].tolist()
        start, place = start + size, place + length
    assert [part.tolist() for part in own[:5]] == [
        part.tolist() for part in own.some(np.arange(len(sizes)))[:5]
    ]


def test_windows_together_are_one_reference():
    generator = np.random.default_rng(18)
    windows = [course(generator, 0.8, 300) for _ in range(5)]
    parts = Ragged.of(*records(np.concatenate(windows), order(*[300] * 5)))

    flat, sizes = merged(parts, np.array([5]))

    one, two = pooled(Ragged.of(flat, sizes), NOTHING), np.median(pooled(parts, _none(5)))
    assert flat[:3].tolist() == [1_500, 5, 1_500]
    assert one[0] == pytest.approx(two, rel=0.4)
    assert one[0] == pytest.approx(9, rel=0.3)


def _none(many):
    return Ragged.of(np.zeros(0), np.zeros(many, np.int64))
