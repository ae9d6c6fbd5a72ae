"""Rows that depend on each other stand together in a sample, and a block of them spans 2 tau."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.dependence.row_order import RowOrder
from argosy_drift.row_blocks import in_turn, with_blocks


def turned(rows, timed=True, clustered=True):
    """Return, list by list, where rows stand, and whether neighbours hang together."""
    lengths = np.array([len(own) for own in rows])
    times, clusters = np.array([row for own in rows for row in own]).T
    order = RowOrder.of(lengths, times if timed else None, clusters=clusters if clustered else None)
    found, together = in_turn(order)
    if not len(found):  # as they stand
        found = np.concatenate([np.arange(length) for length in lengths])
    parts = np.split(found, np.cumsum(lengths)[:-1])
    return [part.tolist() for part in parts], together.tolist()


lists_of_rows = st.lists(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 3)), min_size=1, max_size=9),
    min_size=1,
    max_size=5,
)
"""The time and the cluster of each row of some lists; -1 is no cluster."""


@given(rows=lists_of_rows, timed=st.booleans(), clustered=st.booleans())
def test_neighbours_are_what_depends_on_each_other_or_it_is_said_that_they_are_not(
    rows, timed, clustered
):
    found, together = turned(rows, timed, clustered)

    for number, places in enumerate(found):
        time, cluster = np.array(rows[number])[places].T
        assert sorted(places) == list(range(len(rows[number])))
        assert not timed or (np.diff(time) >= 0).all()
        if clustered and together[number]:
            runs = cluster[np.append(True, np.diff(cluster) != 0)]
            assert len(set(runs)) == len(runs)
        if not clustered or not timed:
            assert together[number]


@given(rows=lists_of_rows)
def test_the_order_of_a_list_does_not_depend_on_the_lists_beside_it(rows):
    assert turned(rows) == tuple(
        [each[part][0] for each in (turned([own]) for own in rows)] for part in (0, 1)
    )


@given(
    tau=st.floats(1.0, 500.0), shares=st.tuples(*[st.floats(0.0001, 1.0)] * 2), known=st.booleans()
)
def test_a_block_spans_two_tau_of_all_rows_or_is_a_row(tau, shares, known):
    sides = {"share_ref": shares[0], "share_cur": shares[1] if known else None}
    schema = dict.fromkeys(("tau", *sides), pl.Float64)
    pair = with_blocks(pl.DataFrame({"tau": [tau], **sides}, schema)).row(0, named=True)

    for share, block in zip(shares, (pair["block_ref"], pair["block_cur"]), strict=True):
        if tau <= 1.2 or not known:
            assert block == 1
        else:
            assert block / share >= 2 * tau * (1 - 1e-9)
            assert block >= 3


def test_rows_that_are_taken_for_independent_stand_by_themselves():
    schema = dict.fromkeys(("tau", "share_ref", "share_cur"), pl.Float64)
    pair = with_blocks(
        pl.DataFrame({"tau": [None], "share_ref": [1.0], "share_cur": [1.0]}, schema)
    )

    assert (1, 1) == pair.select("block_ref", "block_cur").row(0)
