"""Values are gathered alike however their memory is cut."""

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.column_values import Wanted, counts, numbers
from argosy_rows.groups import grouped

EPOCH = datetime(2026, 1, 1)
VALUES = {
    "float": st.one_of(st.none(), st.floats()),
    "int": st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    "time": st.one_of(st.none(), st.integers(0, 10**6).map(lambda n: EPOCH + timedelta(seconds=n))),
    "text": st.one_of(st.none(), st.text(max_size=14)),
}


def rows_of(lengths, values):
    names = np.repeat([f"m{number}" for number in range(len(lengths))], lengths)
    return pl.DataFrame({"argosy_model": names, "x": values, "y": values[::-1]})


def cut(rows, places):
    edges = sorted({0, *(place % (rows.height + 1) for place in places), rows.height})
    parts = [rows[start:end] for start, end in pairwise(edges)]
    return pl.concat(parts, rechunk=False)


@pytest.mark.parametrize("kind", list(VALUES))
def test_pieces_are_gathered_as_the_whole(kind):
    gather = counts if kind == "text" else numbers

    def gathered(rows):
        held = grouped(rows, ["argosy_model"])
        nothing = dict.fromkeys(["segment", "window", "window_start", "window_end"])
        groups = held.groups.select(model="argosy_model").with_columns(
            pl.lit(value).alias(name) for name, value in nothing.items()
        )
        every = np.arange(groups.height)
        return gather(held, groups, [Wanted("y", every), Wanted("x", every[::2])])

    @given(
        st.lists(st.integers(1, 9), min_size=1, max_size=6),
        st.lists(st.integers(0, 60), max_size=5),
        st.data(),
    )
    def holds(lengths, places, drawn):
        size = sum(lengths)
        values = drawn.draw(st.lists(VALUES[kind], min_size=size, max_size=size))
        rows = rows_of(lengths, values)
        ends = np.cumsum(lengths).tolist()
        whole = gathered(rows)
        assert whole.equals(gathered(cut(rows, places)))
        assert whole.equals(gathered(cut(rows, ends)))

    holds()
