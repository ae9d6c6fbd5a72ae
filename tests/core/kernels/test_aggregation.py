"""Expressions are aggregated group by group."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from argosy.kernels import aggregation
from argosy.testing.predictions import handed, predictions

MISS = (pl.col("truth") - pl.col("prediction")).abs()


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
