"""What plugins are built of: flat arrays, compiled loops, answers, and expressions over groups."""

import subprocess
import sys

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from argosy.kernels import ANSWER, aggregation, answer, ascending, compiled, order, ragged
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


ODDITIES = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 5e-324, -5e-324, 1e308, 1.0]


DRAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "ties": lambda rng, n: rng.integers(-3, 4, n).astype(float),
    "odd": lambda rng, n: rng.choice(ODDITIES, n),
    "outliers": lambda rng, n: np.where(rng.random(n) < 0.01, 1e300, rng.random(n)),
    "crowded": lambda rng, n: 1 + rng.random(n) * 2.0 ** -rng.integers(0, 52, n),
    "heavy": lambda rng, n: np.exp(5 * rng.normal(size=n)) * rng.choice([-1, 1], n),
    "constant": lambda rng, n: np.full(n, 0.3),
    "tiny": lambda rng, n: rng.integers(-9, 9, n) * 5e-324,
    "huge": lambda rng, n: rng.choice([-1.7e308, 1.7e308, 0.0, 1.0], n),
    "whole": lambda rng, n: rng.integers(-(2**63), 2**63 - 1, n).astype(float),
    "rising": lambda rng, n: np.arange(float(n)) + rng.random(n),
    "falling": lambda rng, n: -np.arange(float(n)) - rng.random(n),
    "missing": lambda rng, n: np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
    "nothing": lambda rng, n: np.full(n, np.nan),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_every_list_is_sorted_as_numpy_sorts_it(draw):
    """Stably, NaN last; crowded values take the long way round."""
    rng = np.random.default_rng(1)
    lengths = np.append(rng.integers(0, 60, 40), [0, 1, 2, 24, 25, 1000, 5000])
    starts = np.cumsum(lengths) - lengths
    values = draw(rng, lengths.sum())
    found = order(values, starts, lengths)

    for start, length in zip(starts, lengths, strict=True):
        part = slice(start, start + length)
        assert np.array_equal(np.argsort(values[part], kind="stable") + start, found[part])


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
