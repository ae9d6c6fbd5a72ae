"""What is drift in the whole fleet: Benjamini and Hochberg's numbers, and what is known by hand."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from argosy_drift.correction import decide, decided, nested, numbered, pooled


def results_of(p_values, **columns):
    """Return results of one test each: of model "0", "1" ... by default."""
    many = len(p_values)
    usual = {
        "window": [None] * many,
        "segment_key": [None] * many,
        "segment_value": [None] * many,
        "model": [str(number) for number in range(many)],
        "version": ["1"] * many,
        "column": ["x"] * many,
        "effect": [1.0] * many,
        "status": ["ok"] * many,
        "weight": [1.0] * many,
        "threshold": [0.1] * many,
        "level": [0.05] * many,
    }
    return pl.DataFrame({**usual, "p_value": p_values, **columns})


def test_q_values_are_benjamini_hochbergs():
    """One test per model: Simes is the p-value itself, and both levels are known."""
    generator = np.random.default_rng(3)
    p_values = generator.uniform(size=400) ** 3
    judged = decide(results_of(p_values))

    expected = stats.false_discovery_control(p_values)
    np.testing.assert_allclose(judged["q_model"].to_numpy(), expected, atol=1e-12)
    chosen = int((expected < 0.05).sum())
    within = np.minimum(1, p_values * 400 / chosen)
    np.testing.assert_allclose(judged["q_column"].to_numpy(), within, atol=1e-12)


def test_simes_is_the_models_p_value():
    """The least of p(i)·m/i over the sorted p-values of a model."""
    judged = decide(results_of([0.01, 0.02, 0.9], model=["a"] * 3, column=["x", "y", "z"]))

    assert judged["q_model"].to_list() == pytest.approx([0.03] * 3)


def test_a_columns_tests_are_weighted():
    """Weights of mean one divide the p-values: 0.01 / 1.6 twice over is 0.0125."""
    columns = {"model": ["a", "a"], "column": ["x", "x"], "weight": [4.0, 1.0]}
    judged = decide(results_of([0.01, 0.5], **columns))

    assert judged["q_model"].to_list() == pytest.approx([0.01 / 1.6 * 2] * 2)


def test_windows_are_families_of_their_own():
    """A window in which everything moved makes no alert easier in another."""
    p_values = [1e-9] * 9 + [0.03] + [0.9] * 10
    judged = decide(results_of(p_values, window=["1"] * 9 + ["2"] * 11))

    assert judged["status"].to_list() == ["drift"] * 9 + ["ok"] * 11


def test_a_test_of_a_column_that_drifted_must_be_significant_itself():
    columns = {"model": ["a", "a"], "column": ["x", "x"]}
    judged = decide(results_of([1e-9, 0.6], **columns))

    assert judged["status"].to_list() == ["drift", "ok"]


def test_an_effect_below_the_threshold_is_no_drift():
    judged = decide(results_of([1e-9] * 2, effect=[0.09, 0.1]))

    assert judged["status"].to_list() == ["ok", "drift"]


@pytest.mark.parametrize("seed", range(5))
def test_a_fleet_decided_in_parts_is_decided_as_a_whole(seed):
    """Only what all parts found of their models is needed of all at once."""
    generator = np.random.default_rng(seed)
    many = 600
    rows = pl.DataFrame(
        {
            "model": [f"m{number:02}" for number in np.sort(generator.integers(0, 40, many))],
            "column": generator.choice(["x", "y", "z"], many),
            "window": generator.choice(["1", "2"], many),
            "effect": generator.uniform(size=many),
            "p_value": generator.uniform(size=many) ** generator.choice([1, 9], many),
            "status": generator.choice(["ok", "ok", "insufficient"], many),
            "weight": generator.choice([1.0, 16.0], many),
        }
    ).with_columns(
        version=pl.lit("1"),
        segment_key=pl.lit(None, pl.String),
        segment_value=pl.lit(None, pl.String),
        threshold=pl.lit(0.1),
        level=pl.lit(0.05),
    )
    halves = [rows.filter(pl.col("model") < "m15"), rows.filter(pl.col("model") >= "m15")]
    parts, units = zip(*(nested(numbered(half)) for half in halves), strict=True)
    whole = pooled(pl.concat(units))
    own = [whole.head(units[0].height), whole.tail(units[1].height)]
    told = [decided(part, mine) for part, mine in zip(parts, own, strict=True)]

    expected = decide(rows)
    assert_frame_equal(pl.concat(told).select(expected.columns), expected)
    assert {"drift", "ok"} <= set(expected["status"])
