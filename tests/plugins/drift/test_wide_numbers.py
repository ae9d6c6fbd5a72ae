"""What is too large for a float is compared by exact differences."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from argosy_drift.wide_numbers import bases, less, with_bases


@given(st.integers(2**54, 2**62), st.lists(st.integers(0, 2**40), min_size=1))
def test_differences_are_exact(base, offsets):
    column = pl.Series([base + each for each in offsets], dtype=pl.Int64)
    rows = pl.DataFrame({"argosy_model": ["m"] * len(offsets), "x": column})

    found = bases(rows)["base"].item()

    expected = [float(base + each - int(found)) for each in offsets]
    for kind in (pl.Int64, pl.Int128, pl.Decimal(38, 2)):
        assert less(column.cast(kind), np.full(len(offsets), found)).to_list() == expected


def test_only_models_with_large_numbers_have_a_base():
    rows = pl.DataFrame(
        {"argosy_model": ["a", "b"], "x": [2**60, 5], "y": [1, 2], "z": [1e300, 1.0]}
    )

    assert bases(rows).select("model", "column").rows() == [("a", "x")]


def test_a_picture_shows_the_numbers_themselves():
    picture = pl.DataFrame({"model": ["a", "b"], "column": ["x", "x"], "edges": [[0.0, 1.0]] * 2})
    wanted = pl.DataFrame({"model": ["a"], "column": ["x"], "base": [2.0**60]})

    shown = with_bases(picture, wanted)["edges"].to_list()

    assert shown == [[2.0**60, 2.0**60 + 1], [0.0, 1.0]]
