"""Counts on fixed edges stand for the values that thinning keeps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.histograms import condensed, expanded, thinned

values = st.lists(st.floats(allow_nan=False, width=16), max_size=60)


@given(st.lists(values, max_size=6), st.integers(1, 20))
def test_counts_on_edges_stand_for_what_thinning_keeps(groups, most):
    lengths = np.array([len(group) for group in groups], np.int64)
    flat = np.array([value for group in groups for value in sorted(group)])

    kept = thinned(flat, lengths, most)
    again = expanded(*condensed(flat, lengths, most), most)
    assert [part.tolist() for part in kept] == [part.tolist() for part in again]


@given(values.filter(bool), values, st.integers(1, 20))
def test_counts_on_the_same_edges_add_up_to_those_of_the_whole(first, second, most):
    edges = np.append(np.unique(first)[:most], np.inf)

    def counts(some):
        return np.diff(np.searchsorted(np.sort(some), edges, "right"), prepend=0)

    assert (counts(first) + counts(second)).tolist() == counts(first + second).tolist()
