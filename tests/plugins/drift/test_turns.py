"""The order of sorted values is kept: in it they are those of the rows, and times stay whole."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.dependence.row_order import RowOrder
from argosy_drift.dependence.turns import level_turns, value_turns
from argosy_drift.histograms import thinned
from argosy_drift.row_blocks import uncut

rows_of_a_list = st.lists(
    st.tuples(st.integers(0, 6), st.integers(-1, 3), st.sampled_from([0.0, 1.0, 2.5, np.nan])),
    min_size=1,
    max_size=12,
)
"""The time, the cluster and the value of each row; -1 is no cluster."""
lists_of_rows = st.lists(rows_of_a_list, min_size=1, max_size=4)


def ordered(rows, timed, clustered):
    lengths = np.array([len(own) for own in rows])
    times, clusters, values = np.array([row for own in rows for row in own]).T
    order = RowOrder.of(
        lengths,
        times.astype(np.int64) if timed else None,
        clusters=clusters.astype(np.int64) if clustered else None,
    )
    return uncut(order), values


def split(flat, lengths):
    return [part.tolist() for part in np.split(np.asarray(flat), np.cumsum(lengths)[:-1])]


@given(rows=lists_of_rows, timed=st.booleans(), clustered=st.booleans())
def test_in_turn_sorted_values_are_those_of_the_rows_in_order(rows, timed, clustered):
    order, values = ordered(rows, timed, clustered or not timed)
    turns, starts = value_turns(values, order, most=100)
    places = order.places if len(order.places) else None

    first = 0
    for number, (own, begins) in enumerate(zip(split(*turns), split(*starts), strict=True)):
        length = len(rows[number])
        mine = values[first : first + length]
        place = places[first : first + length] if places is not None else np.arange(length)
        known = mine[place][~np.isnan(mine[place])]
        first += length

        assert sorted(own) == list(range(len(known)))
        assert np.sort(known)[own].tolist() == known.tolist()
        assert begins == sorted(set(begins))
        assert not begins or begins[0] == 0


@given(rows=lists_of_rows)
def test_rows_of_one_time_or_cluster_begin_once(rows):
    for timed, clustered in ((True, False), (False, True)):
        known = [[(time, cluster, 1.0) for time, cluster, _ in own] for own in rows]
        order, values = ordered(known, timed, clustered)
        _, starts = value_turns(values, order, most=100)
        for own, begins in zip(known, split(*starts), strict=True):
            keys = [row[clustered] for row in own]
            alone = sum(key == -1 for key in keys) if clustered else 0
            units = len({key for key in keys if not (clustered and key == -1)}) + alone

            assert (len(begins) or len(own)) == units


@given(rows=lists_of_rows)
def test_categories_are_told_by_their_texts_and_the_company_of_lists_changes_nothing(rows):
    order, values = ordered(rows, timed=True, clustered=False)
    texts = pl.Series([None, "b", "a"] * len(rows))
    number = {0.0: 1, 1.0: 2, 2.5: 1}
    codes = np.array([number.get(value, -1) for value in values], np.int32)
    many = np.full(len(rows), 3)
    turns, _, (levels, sizes) = level_turns(codes, texts, many, order, most=100)
    shown = split(levels.to_list(), sizes)

    start = 0
    for place, (own, names) in enumerate(zip(split(*turns), shown, strict=True)):
        length = len(rows[place])
        stands = np.argsort([time for time, *_ in rows[place]], kind="stable")
        mine = codes[start : start + length][stands]
        start += length
        assert [names[turn] for turn in own] == [[None, "b", "a"][c] for c in mine if c >= 0]
        assert names == sorted(names)

        alone, _, (own_levels, _) = level_turns(
            codes[start - length : start], texts[:3], many[:1], order.some(np.array([place])), 100
        )
        assert (own, names) == (alone[0].tolist(), own_levels.to_list())


def test_of_many_values_those_that_are_kept_have_their_turn():
    values = np.random.default_rng(1).normal(size=1_000)
    order = uncut(RowOrder.of(np.array([1_000]), np.arange(1_000)))
    (turns, kept), _ = value_turns(values, order, most=100)
    quantiles, _ = thinned(np.sort(values), np.array([1_000]), 100)

    assert 100 == kept.item()
    in_time = [np.flatnonzero(values == value).item() for value in quantiles[turns]]
    assert in_time == sorted(in_time)
