"""What is found out about a numeric row at once, beside the definitions."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy_detectors import sweep
from argosy_detectors.merge_walk import walk
from argosy_detectors.ranks import ranks
from argosy_detectors.spread import spreads
from argosy_detectors.sweep import swept

ODD = st.sampled_from([0.0, -0.0, 1.0, 5e-324, -5e-324, 1e300, -1e300, 1e-200])
SMALL = st.integers(-3, 3).map(float)
PLAIN = st.floats(-1e6, 1e6)
SIDES = st.one_of(st.lists(kind, max_size=40) for kind in (ODD, SMALL, PLAIN))
ROWS = st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=5)


def flat(sides):
    lengths = np.array([len(side) for side in sides], np.int64)
    values = np.array([value for side in sides for value in sorted(side)], np.float64)
    return values, np.cumsum(lengths) - lengths, lengths


def path(before, after):
    """Return the distinct values, how many of all are at most each, and the path's heights."""
    x, y = np.sort(np.array(before)), np.sort(np.array(after))
    values = np.unique(np.concatenate([x, y]))
    own, other = (np.searchsorted(side, values, "right") for side in (x, y))
    return values, own + other, np.abs(own * len(y) - other * len(x))


@settings(deadline=None)
@given(ROWS)
def test_the_walk_finds_the_heights_and_areas_of_the_definition(rows):
    before, after = zip(*rows, strict=True)
    gaps, areas, rank_areas = walk(*flat(before), *flat(after))

    for row, (own, other) in enumerate(rows):
        if not own or not other:
            assert (0, 0.0, 0.0) == (gaps[row], areas[row], rank_areas[row])
            continue
        values, places, heights = path(own, other)
        pairs, whole = len(own) * len(other), len(own) + len(other)
        between = np.append(0, heights)
        straight = (between[1:] + between[:-1]) / 2 * np.diff(places, prepend=0)
        assert heights.max() == gaps[row]
        with np.errstate(over="ignore"):
            widths = np.diff(values)
            expected = np.sum(heights[:-1] / pairs * widths)
        assert expected == pytest.approx(areas[row], rel=1e-12, abs=1e-300)
        assert straight.sum() / pairs / whole == pytest.approx(rank_areas[row], rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (1, 700), (700, 2), (999, 400)])
@pytest.mark.parametrize("shift", [0.0, 0.3, 9.0])
def test_the_walk_needs_no_luck_with_sizes_and_shifts(n, m, shift):
    """The halves may be of one side alone, so that there is nothing to walk from both ends."""
    generator = np.random.default_rng(n + m)
    own, other = generator.normal(size=n), generator.normal(size=m) + shift
    gaps, areas, _ = walk(*flat([own]), *flat([other]))
    values, _, heights = path(own, other)

    assert heights.max() == gaps[0]
    assert np.sum(heights[:-1] * np.diff(values)) / n / m == pytest.approx(areas[0], rel=1e-12)


def test_infinite_values_are_at_the_ends_and_have_no_width():
    own, other = [-np.inf, 0.0, 1.0, np.inf], [-np.inf, 0.5, 2.0, np.inf]
    gaps, areas, _ = walk(*flat([own]), *flat([other]))

    assert (4, 0.375) == (gaps[0], areas[0])
    assert np.isinf(walk(*flat([own]), *flat([[0.0, 1.0]]))[1][0])


@settings(deadline=None)
@given(ROWS)
def test_ranks_are_where_numpy_would_insert_the_deciles(rows):
    before, after = zip(*rows, strict=True)
    found = ranks(*flat(before), *flat(after))

    for row, (own, other) in enumerate(rows):
        expected = np.zeros((2, 9), int)
        if own and other:
            x, y = np.sort(own), np.sort(other)
            edges = x[len(x) * np.arange(1, 10) // 10]
            expected = np.array([np.searchsorted(side, edges, "left") for side in (x, y)])
            expected[1][expected[0] == 0] = 0
        assert expected.tolist() == [side[row].tolist() for side in found]


@settings(deadline=None)
@given(st.lists(st.lists(st.one_of(PLAIN, SMALL), max_size=40), min_size=1, max_size=5))
def test_spreads_are_numpys(sides):
    # squares below 1e-300 are lost to NumPy
    expected = [np.std(side) if side else 0.0 for side in sides]
    widest = [max(map(abs, side), default=0.0) for side in sides]

    for one, other, width in zip(expected, spreads(*flat(sides)), widest, strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9 * width + 1e-150)


def test_a_constant_does_not_spread_and_extremes_do_not_overflow():
    found = spreads(*flat([[0.1] * 7, [8e307, -8e307], [5e-324, 0.0]]))

    assert (0.0, 8e307) == (found[0], pytest.approx(found[1]))
    assert found[2] < 1e-300


def test_rows_are_found_out_about_alike_however_many_at_once(monkeypatch):
    """What fits into a cache is no reason for another number."""
    generator = np.random.default_rng(5)
    lists = [
        pa.array([np.sort(generator.normal(size=size)) for size in generator.integers(0, 50, 70)])
        for _ in range(2)
    ]
    tables = [pa.table({"reference": lists[0], "current": lists[1]}) for _ in range(2)]
    whole = swept(tables[0])
    monkeypatch.setattr(sweep, "ROOM", 100)
    parts = swept(tables[1])

    for one, other in zip(whole, parts, strict=True):
        assert one.tolist() == other.tolist()
