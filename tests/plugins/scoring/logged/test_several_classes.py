"""Probabilities of several classes are measured as scikit-learn does."""

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from .runs import only, reason


def _drawn(rows=400, seed=5):
    generator = np.random.default_rng(seed)
    label = generator.integers(0, 3, rows)
    logit = generator.normal(size=(rows, 3)) + np.eye(3)[label]
    return label, np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)


def _calibration_error(label, likely, bins=15):
    hit, sure = (likely.argmax(axis=1) == label), likely.max(axis=1)
    cell = np.ceil(sure * bins)
    return sum(abs((hit - sure)[cell == one].sum()) / len(label) for one in np.unique(cell))


MULTICLASS = ["accuracy", "log_loss", "auc", "brier", "expected_calibration_error"]


@pytest.mark.parametrize("shape", ["struct", "list", "array"])
@pytest.mark.parametrize("named", [False, True])
def test_probabilities_of_several_classes_are_measured_as_scikit_learn_does(logged, shape, named):
    label, likely = _drawn()
    words = np.array(["ant", "bee", "cat"])
    scores = {
        # the order of the fields does not matter, because each is called as its class
        "struct": pl.DataFrame(likely[:, ::-1], schema=["cat", "bee", "ant"]).to_struct(),
        "list": pl.Series(likely.tolist()),
        "array": pl.Series(likely, dtype=pl.Array(pl.Float64, 3)),
    }
    rows = {"was": words[label], "p": scores[shape], "said": words[likely.argmax(axis=1)]}
    binding = {"truth": "was", "score": "p", **({"prediction": "said"} if named else {})}
    found = logged(rows, metrics=MULTICLASS, **binding).results()
    found = dict(found.select("metric", "value").rows())
    expected = {
        "accuracy": metrics.accuracy_score(label, likely.argmax(axis=1)),
        "log_loss": metrics.log_loss(label, likely),
        "auc": metrics.roc_auc_score(label, likely, multi_class="ovr"),
        "brier": metrics.brier_score_loss(label, likely, scale_by_half=False),
        "expected_calibration_error": _calibration_error(label, likely),
    }

    assert found == pytest.approx(expected, abs=1e-12)


def test_two_fields_are_the_classes_of_a_binary_model(logged):
    label, likely = _drawn()
    label, score = np.minimum(label, 1), 1 - likely[:, 0]
    word = np.array(["no", "yes"])[label]
    rows = {"was": word, "p": pl.DataFrame({"yes": score, "no": 1 - score}).to_struct()}
    found = logged(rows, metrics=["auc", "log_loss", "accuracy"], truth="was", score="p").results()

    assert found["task"].unique().to_list() == ["binary"]
    assert dict(found.select("metric", "value").rows()) == pytest.approx(
        {
            "auc": metrics.roc_auc_score(label, score),
            "log_loss": metrics.log_loss(label, score),
            "accuracy": metrics.accuracy_score(label, score >= 0.5),
        },
        abs=1e-12,
    )


def test_a_truth_that_is_no_field_is_a_class_that_nobody_foresaw(logged):
    rows = {"was": ["a", "b", "z", "c"], "p": [{"a": 0.6, "b": 0.3, "c": 0.1}] * 4}
    run = logged(rows, metrics=["accuracy", "log_loss"], truth="was", score="p")

    assert only(run, "accuracy")["value"] == 0.25
    assert only(run, "log_loss")["value"] == pytest.approx(
        -np.log([0.6, 0.3, 2.0**-52, 0.1]).mean(), abs=1e-12
    )


def test_a_row_without_probabilities_has_no_score(logged):
    rows = {
        "was": ["a", "b", "c"], "said": ["a", "b", "a"],
        "p": [{"a": 0.6, "b": 0.3, "c": 0.1}, None, {"a": 0.2, "b": 0.3, "c": 0.5}],
    }  # fmt: skip
    run = logged(rows, metrics=["auc", "accuracy"], truth="was", score="p", prediction="said")

    assert only(run, "auc")["reason"] == "some rows have no score"
    assert only(run)["value"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("score", "told"),
    [
        ([[0.5, 0.5], [0.2, 0.3, 0.5], [0.1, 0.9]], "have 2 to 3 probabilities"),
        ([[0.5, 0.5]] * 3, "has 2 probabilities in a row, and its data 3 classes: 'a', 'b', 'c'"),
        ([{"a": 1.0, "b": float("nan"), "c": 0.0}] * 3, "3 of 3 values of the score"),
        ([{"a": 1.0, "b": None, "c": 0.0}] * 3, "3 of 3 values of the score"),
        ([{"a": "x", "b": "y", "c": "z"}] * 3, "holds no probabilities"),
    ],
)
def test_probabilities_that_fit_no_class_are_refused_with_the_reason(logged, score, told):
    run = logged({"was": ["a", "b", "c"], "p": score}, truth="was", score="p")

    assert told in reason(run)
