"""The numbers of a log: what counts, what is undefined, and what is refused."""

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from argosy.plugins import installed

from .runs import only, reason


def test_a_sum_of_int32_does_not_wrap(logged):
    big = np.full(4, 2_000_000_000, np.int32)
    rows = {"was": big, "said": np.zeros(4, np.int32)}
    run = logged(rows, task="regression", truth="was", prediction="said")

    assert only(run, "mae")["value"] == 2e9
    assert only(run, "bias")["value"] == -2e9


def test_truth_that_is_text_is_no_regression(logged):
    rows = {"was": ["1.5", "x"], "said": [1.0, 2.0]}
    run = logged(rows, task="regression", truth="was", prediction="said")

    assert "1 of 2 values of the truth are neither a finite number" in reason(run)


@pytest.mark.parametrize("odd", [None, float("nan"), float("inf")])
def test_a_prediction_that_is_no_number_fails_its_model_alone(logged, odd):
    rows = {
        "model": ["a", "a", "b", "b"],
        "was": [1.0, 2.0, 1.0, 2.0],
        "said": [1.0, odd, 1.0, 2.5],
    }
    run = logged(rows, ("a", "b"), key="model", truth="was", prediction="said")

    assert run.failures()["model"].to_list() == ["a"]
    assert "1 of 2 values of the prediction" in reason(run)
    assert only(run, "mae", "b")["value"] == 0.25


def test_weights_count_and_negative_ones_are_refused(logged):
    rows = {"was": [1, 0, 1], "said": [1, 1, 0], "w": [2.0, 1.0, 0.0]}
    how = {"truth": "was", "prediction": "said", "weight": "w"}
    run = logged(rows, **how)
    bad = logged({**rows, "w": [2.0, -1.0, 0.0]}, **how)

    assert only(run)["value"] == pytest.approx(2 / 3)
    assert reason(bad) == "the weights in 'w' must be finite and not negative"


def test_a_row_without_a_score_leaves_metrics_of_scores_undefined(logged):
    rows = {"was": [1, 0, 1, 0], "said": [1, 0, 0, 0], "score": [0.9, 0.1, None, 0.2]}
    run = logged(rows, truth="was", prediction="said", score="score")

    assert only(run)["value"] == 0.75
    assert (only(run, "auc")["value"], only(run, "auc")["status"]) == (None, "undefined")


@pytest.mark.parametrize("odd", [float("nan"), float("-inf")])
def test_a_score_that_is_no_number_fails_its_model(logged, odd):
    rows = {"was": [1, 0], "said": [1, 0], "score": [0.9, odd]}
    told = reason(logged(rows, truth="was", prediction="said", score="score"))

    assert told.startswith("1 of 2 values of the score")


def test_a_weight_that_is_null_counts_as_zero(logged):
    rows = {"was": [1, 0, 1], "said": [1, 0, 0], "w": [1.0, 1.0, None]}
    row = only(logged(rows, truth="was", prediction="said", weight="w"))

    assert (row["value"], row["n"]) == (1.0, 3)


def test_the_latency_of_a_log_is_measured_where_it_is_bound(logged):
    rows = {"was": [1, 0, 1, 0], "said": [1, 0, 0, 0], "ms": [1, 2, 3, 4]}
    named = [name for name, metric in installed().metrics.items() if "latency" in metric.needs]
    run = logged(rows, metrics=[*named, "accuracy"], truth="was", prediction="said", latency="ms")

    assert named
    found = run.results().filter(pl.col("metric").is_in(named))
    assert found["status"].to_list() == ["ok"] * len(named)
    assert found["value"].is_between(1, 4).all()


def test_weights_of_nothing_but_zero_are_undefined(logged):
    rows = {"was": [1, 0], "said": [1, 1], "w": [0.0, 0.0]}
    row = only(logged(rows, truth="was", prediction="said", weight="w"))

    assert (row["value"], row["status"]) == (None, "undefined")
    assert row["reason"]


def test_one_row_is_enough_where_the_metric_is(logged):
    run = logged({"was": [1], "score": [0.9]}, truth="was", score="score")

    assert only(run)["value"] == 1.0
    assert only(run, "auc")["status"] == "undefined"


def test_a_log_of_many_rows_is_measured_as_a_whole(logged):
    generator = np.random.default_rng(0)
    score = generator.random(300_000).round(3)
    was = (generator.random(300_000) < score).astype(np.int8)
    run = logged(
        {"was": was, "score": score}, metrics=["auc", "log_loss"], truth="was", score="score"
    )

    assert only(run, "auc")["value"] == pytest.approx(metrics.roc_auc_score(was, score))
    assert only(run, "auc")["n"] == 300_000


def test_ties_all_over_are_worth_nothing(logged):
    run = logged({"was": [1, 0, 1, 0], "score": [0.5] * 4}, truth="was", score="score")

    assert only(run, "auc")["value"] == 0.5


def test_rows_without_truth_are_counted_and_not_measured(logged):
    rows = {"was": [1, None, 0, None], "said": [1, 1, 1, 1]}
    row = only(logged(rows, truth="was", prediction="said"))

    assert (row["value"], row["n"], row["mature"], row["label_coverage"]) == (0.5, 2, 4, 0.5)
