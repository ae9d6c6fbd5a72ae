"""Scores equal scikit-learn's wherever they exist."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.testing.metrics import MetricSuite
from argosy.testing.predictions import handed, predictions
from argosy_metrics import groups

from .measuring import (
    BINARY,
    METRICS,
    MULTICLASS,
    REFERENCE,
    REGRESSION,
    TIMED,
    answers,
    binary,
    close,
    expected,
    measured,
    table,
)

SUMS = ("true_negatives", "false_positives", "false_negatives", "true_positives")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_groups_are_measured_alike_however_many_at_a_time(task, monkeypatch):
    models = {f"m{n}": predictions(task, 5 + 7 * n, weights="real", seed=n).rows for n in range(9)}
    names = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSION}[task]
    table = handed(models, task)
    together = METRICS[names[0]].measure(table, names)
    monkeypatch.setattr(groups, "_TOGETHER", 20)

    assert METRICS[names[0]].measure(table, names).equals(together)


def suited_to(name, rows):
    """Move the truth off zero for a regression, which may divide by it."""
    return rows.with_columns(pl.col("truth") + 1) if name in REGRESSION else rows


def some_weights(rng, n):
    """Draw weights of every sort: all alike, zeros among whole numbers, real."""
    return [np.ones(n), rng.integers(0, 3, n), rng.gamma(0.5, size=n)][rng.integers(3)]


def assert_a_fleet_equals_the_reference(models, names, task):
    """Score all models in one call."""
    defined = 0

    for model, row in answers(names, models, task).items():
        for name, value in row.items():
            if not isinstance(value, str):
                assert (name, value) == (name, close(expected(name, models[model])))
                defined += 1
    assert defined > 0.8 * len(models) * len(names)


def test_binary_classifiers_of_a_fleet_score_as_in_sklearn():
    """One query over models of many sizes must give what a loop over the models gives."""
    rng = np.random.default_rng(1)
    models = {}
    for number, n in enumerate(rng.integers(1, 200, 60)):
        truth = rng.random(n) < rng.uniform(0.1, 0.9)
        score = np.clip(rng.normal(0.4 + 0.2 * truth, 0.3), 0, 1)
        ties = rng.integers(0, 4)
        score = np.round(score, ties) if ties else score
        models[f"m{number}"] = binary(truth, score, some_weights(rng, n))

    assert_a_fleet_equals_the_reference(models, BINARY, "binary")


def test_multiclass_classifiers_of_a_fleet_score_as_in_sklearn():
    """The number of classes differs from model to model, and some are never predicted."""
    rng = np.random.default_rng(2)
    models = {}
    for number, n in enumerate(rng.integers(1, 200, 60)):
        classes = int(rng.integers(3, 9))
        truth = rng.integers(0, classes, n)
        p = rng.dirichlet(np.ones(classes), n) + 0.5 * np.eye(classes)[truth]
        p /= p.sum(axis=1, keepdims=True)
        rows = table(
            truth,
            p.argmax(axis=1),
            truth_score=p[np.arange(n), truth],
            weight=some_weights(rng, n),
        )
        each = pl.Series(p).cast(pl.List(pl.Float64))
        models[f"m{number}"] = rows.with_columns(probabilities=each)

    assert_a_fleet_equals_the_reference(models, MULTICLASS, "multiclass")


def test_regressions_of_a_fleet_score_as_in_sklearn():
    """Scales differ between models by orders of magnitude."""
    rng = np.random.default_rng(3)
    models = {}
    for number, n in enumerate(rng.integers(2, 200, 60)):
        truth = rng.normal(rng.normal(0, 3), 1, n) * 10.0 ** rng.integers(-3, 4)
        prediction = truth * rng.normal(1, 0.3, n)
        models[f"m{number}"] = table(truth, prediction, weight=some_weights(rng, n))

    assert_a_fleet_equals_the_reference(models, REGRESSION, "regression")


def test_a_rare_class_among_many_rows_keeps_its_digits():
    """One row of a class weighs as much in the average as a million rows of another."""
    rng = np.random.default_rng(6)
    truth = np.append(np.zeros(1_000_000), [1, 2, 2])
    prediction = np.append(np.zeros(1_000_000), [1, 2, 0])
    rows = table(truth, prediction, weight=rng.random(len(truth)))

    assert measured("f1_macro", rows) == close(expected("f1_macro", rows))
    assert measured("balanced_accuracy", rows) == close(expected("balanced_accuracy", rows))


a_weight = st.sampled_from([0.0, 0.25, 1.0, 1.0, 3.0]) | st.floats(0.01, 100)
a_binary_row = st.tuples(
    st.booleans(), st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1), a_weight
)
any_float = st.floats() | st.sampled_from([0.0, 1.0, -2.0, 5e-324, 1e308, -1e308])


@settings(deadline=None, max_examples=150)
@given(st.lists(a_binary_row, min_size=1, max_size=12))
def test_a_binary_score_equals_sklearn_or_has_a_reason(rows):
    """Ties, negative zeros, one class, one row, weights of zero: all must be right."""
    frame = binary(*map(list, zip(*rows, strict=True)))

    row = answers(BINARY, {"m": frame}, "binary")["m"]
    for name in BINARY:
        if not isinstance(row[name], str):
            assert (name, row[name]) == (name, close(expected(name, frame)))
            low, high = METRICS[name].bounds
            assert low <= row[name] <= high


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(any_float, any_float, a_weight), min_size=1, max_size=6))
def test_a_regression_score_is_a_number_within_bounds_or_has_a_reason(rows):
    """No infinity and no NaN may reach a table of results."""
    truth, prediction, weight = map(list, zip(*rows, strict=True))
    rows = {"m": table(truth, prediction, weight=weight)}
    row = answers(REGRESSION, rows, "regression")["m"]

    for name in REGRESSION:
        if not isinstance(row[name], str):
            assert np.isfinite(row[name]), name
            low, high = METRICS[name].bounds
            assert low <= row[name] <= high


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.none() | any_float), min_size=1, max_size=6))
def test_a_score_from_odd_scores_is_a_number_within_bounds_or_has_a_reason(rows):
    """Scores that another system logged can be anything."""
    truth, score = map(list, zip(*rows, strict=True))
    row = answers(BINARY, {"m": table(truth, truth, score, score)}, "binary")["m"]

    for name in BINARY:
        if not isinstance(row[name], str):
            low, high = METRICS[name].bounds
            assert low <= row[name] <= high, name


@pytest.mark.parametrize("name", sorted({*METRICS} - {*TIMED}))
def test_a_weight_of_two_counts_like_two_rows(name):
    """This is what a weight means, whatever scikit-learn makes of it."""
    rng = np.random.default_rng(7)
    truth, score = rng.integers(0, 2, 50), rng.random(50).round(1)
    weighted = suited_to(name, binary(truth, score, rng.integers(0, 4, 50)))
    repeated = weighted.select(pl.all().repeat_by(pl.col("weight").cast(pl.UInt32)).explode())
    repeated = repeated.drop_nulls("truth").with_columns(weight=pl.lit(1.0))

    assert measured(name, weighted) == close(measured(name, repeated))


@pytest.mark.parametrize("name", sorted({*METRICS} - {*TIMED}))
@pytest.mark.parametrize("junk", [nan, inf, -inf, 7.0, 0.0])
def test_a_row_of_weight_zero_counts_as_absent(name, junk):
    """Weight zero is how a user leaves a row out, so nothing in it may matter."""
    rows = binary([1, 0, 1, 0, 1], [0.9, 0.5, 0.4, 0.1, 0.4], [1, 2, 0.5, 1, 1])
    rows = suited_to(name, rows)
    out = table([junk, junk], [junk, 3.0], [junk, None], [None, junk], [0.0, 0.0])

    assert measured(name, pl.concat([out[:1], rows, out[1:]])) == close(measured(name, rows))


@pytest.mark.filterwarnings("ignore")  # scikit-learn warns of classes missing on one side
class TestEveryMetric(MetricSuite):
    @pytest.fixture(autouse=True, params=sorted(REFERENCE))
    def _of_its_own(self, request):
        self.name = request.param
        # zero is the best bias; neither latency nor calibration is told by who predicts better
        self.additive = self.name in SUMS
        self.ordered = self.name not in {"bias", "expected_calibration_error", *TIMED}

    def reference(self, truth, prediction, score, weight, **needs):
        return REFERENCE[self.name](truth, prediction, score, weight, **needs)

    @pytest.mark.simulation
    def test_its_intervals_hold_the_true_value(self):
        """Simulated for each of 34 metrics, which takes minutes."""
        super().test_its_intervals_hold_the_true_value()
