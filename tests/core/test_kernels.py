"""What plugins are built of: flat arrays, compiled loops, answers, and expressions over groups."""

import subprocess
import sys

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from argosy.kernels import ANSWER, aggregation, answer, compiled, ragged
from argosy.testing.predictions import handed, predictions

WEIGHT = pl.col("weight")
MISS = (pl.col("truth") - pl.col("prediction")).abs()


def test_lists_become_one_flat_array_however_they_are_cut():
    """Slices and chunks are how Arrow hands over parts of a table."""
    column = pa.chunked_array([[[9.0], [1.0, None]], [None, [], [3.0]]])[1:]

    values, starts, lengths = ragged(column)

    assert np.array_equal([1.0, np.nan, 3.0], values, equal_nan=True)
    assert ([0, 2, 2, 2], [2, 0, 0, 1]) == (starts.tolist(), lengths.tolist())


def test_a_compiled_loop_gives_what_the_loop_gives():
    def loop(values):
        total = 0.0
        for value in values:
            total += value
        return total

    assert loop(np.arange(5.0)) == compiled(loop)(np.arange(5.0))


def test_the_compiler_waits_until_it_is_used():
    """It costs a fifth of a second, which most commands never need."""
    probe = "import sys, argosy.kernels; print('numba' in sys.modules, 'polars' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)

    assert "False False\n" == found.stdout


def test_an_answer_holds_no_number_where_it_has_a_reason():
    found = answer([1.0, np.nan], [None, "empty"], error=[0.1, 9.0], lower=[np.nan, 2.0])

    assert ANSWER == found.type
    assert [
        {"value": 1.0, "error": 0.1, "lower": None, "upper": None, "reason": None},
        {"value": None, "error": None, "lower": None, "upper": None, "reason": "empty"},
    ] == found.to_pylist()


def test_an_answer_that_is_neither_a_number_nor_a_reason_is_refused():
    with pytest.raises(ValueError, match="NaN and has no reason"):
        answer([np.nan], [None])


def aggregated(table, *expressions):
    return aggregation(*expressions)(table, ["it"])["it"].to_pylist()


def test_expressions_are_aggregated_group_by_group_in_order():
    groups = {name: predictions("regression", 5, seed=name).rows for name in (3, 1, 2)}
    table = handed({str(name): rows for name, rows in groups.items()}, "regression")

    found = aggregated(table, MISS.mean(), pl.lit(None))

    assert [rows.select(MISS.mean()).item() for rows in groups.values()] == [
        pytest.approx(one["value"]) for one in found
    ]


def test_a_standard_error_makes_an_interval():
    table = pa.table({"truth": [[1.0, 3.0]], "prediction": [[0.0, 0.0]]})

    found = aggregated(table, MISS.mean(), pl.lit(None), pl.lit(0.5))[0]

    assert (2.0, 0.5) == (found["value"], found["error"])
    assert (1.02, 2.98) == pytest.approx((found["lower"], found["upper"]), abs=1e-3)


def test_what_a_model_does_not_give_is_null_in_every_row():
    """A list that is null, and the NaN of a single row, are both a missing score."""
    table = pa.table(
        {
            "truth": [[1.0, 0.0], [1.0, 0.0]],
            "score": pa.array([None, [0.5, np.nan]], pa.list_(pa.float64())),
            "probabilities": pa.array([None, [1.0]], pa.list_(pa.float64())),
        }
    )

    found = aggregated(table, pl.col("score").null_count(), pl.lit(None))

    assert [2, 1] == [one["value"] for one in found]


def test_a_group_without_rows_is_undefined():
    table = pa.table({"truth": [[], [1.0]]}).cast(pa.schema([("truth", pa.list_(pa.float64()))]))

    found = aggregated(table, pl.col("truth").sum(), pl.lit(None))

    assert ["there are no rows", None] == [one["reason"] for one in found]
    assert [None, 1.0] == [one["value"] for one in found]
