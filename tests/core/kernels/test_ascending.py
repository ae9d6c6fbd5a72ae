"""Known values of many lists are written in ascending order."""

import numpy as np
import pytest

from argosy.kernels import ascending

from .draws import DRAWS


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_known_values_are_written_as_numpy_sorts_them(draw):
    """Lists may lie in any order, with gaps; what is written has none, and no NaN."""
    rng = np.random.default_rng(2)
    lengths = np.append(rng.integers(0, 60, 40), [0, 1, 2, 8, 9, 1000, 5000])
    starts = (np.cumsum(lengths + 3) - lengths)[::-1]
    lengths = lengths[::-1]
    values = draw(rng, lengths.sum() + 3 * len(lengths))
    given, into = values.copy(), np.empty(lengths.sum())

    many = ascending(values, starts, lengths, into)
    lists = [values[start:][:length] for start, length in zip(starts, lengths, strict=True)]
    known = [np.sort(each[~np.isnan(each)]) for each in lists]

    assert np.array_equal(given, values, equal_nan=True)
    assert [len(each) for each in known] == many.tolist()
    assert np.array_equal(np.concatenate(known), into[: many.sum()])


def test_a_list_beyond_all_caches_is_sorted_too():
    values = np.random.default_rng(3).normal(size=(1 << 20) + 7)
    into = np.empty(len(values) + 2)
    lists = np.array([0, 5]), np.array([len(values), 2])

    assert [len(values), 2] == ascending(values, *lists, into).tolist()
    assert np.array_equal(np.sort(values), into[:-2])
    assert np.array_equal(np.sort(values[5:7]), into[-2:])


def test_nothing_is_sorted_into_nothing():
    none = np.zeros(0, np.int64)

    assert [] == ascending(np.zeros(0), none, none, np.zeros(0)).tolist()
