"""The classes of a log: labels of any kind, and which of them is positive."""

import pytest
from sklearn import metrics

from .runs import only, reason


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ([1, 0, 1, 0], [1, 0, 0, 0]),
        ([True, False, True, False], [1.0, 0.0, 0.0, 0.0]),
        (["1", "0", "1", "0"], [1, 0, 0, 0]),
        (["yes", "no", "yes", "no"], ["yes", "no", "no", "no"]),
        ([10, 9, 10, 9], ["10", "9", "9", "9"]),
        ([2.0, 1.0, 2.0, 1.0], [2, 1, 1, 1]),
        ([0.5, -1.5, 0.5, -1.5], [0.5, -1.5, -1.5, -1.5]),
    ],
)
def test_labels_of_any_kind_are_the_same_classes(logged, truth, said):
    """The larger number, or the label that sorts last, is class 1: its recall is one half."""
    run = logged({"was": truth, "said": said}, task="binary", truth="was", prediction="said")

    assert only(run)["value"] == 0.75
    assert only(run, "recall")["value"] == 0.5
    assert only(run, "precision")["value"] == 1.0


def test_the_positive_label_can_be_named(logged):
    rows = {"was": ["bad", "good", "good", "bad"], "score": [0.9, 0.2, 0.1, 0.8]}
    run = logged(rows, truth="was", score="score", positive="bad")

    assert only(run, "auc")["value"] == 1.0
    assert only(run)["value"] == 1.0


def test_a_positive_label_makes_sense_of_a_log_with_one_class(logged):
    rows = {"was": ["bad", "bad"], "score": [0.9, 0.2]}
    told = reason(logged(rows, truth="was", score="score"))
    run = logged(rows, truth="was", score="score", positive="bad")

    assert "its only label is 'bad'" in told
    assert "`positive`" in told
    assert only(run, "recall")["value"] == 0.5
    assert only(run, "brier")["value"] == pytest.approx((0.1**2 + 0.8**2) / 2)


def test_every_model_has_its_own_classes(logged):
    """Also where one log holds models of two and of more classes, in any order."""
    rows = {
        "model": ["b", "a", "b", "a", "b", "a"],
        "was": ["x", "no", "y", "yes", "z", "yes"],
        "said": ["x", "no", "z", "no", "z", "yes"],
    }
    run = logged(rows, ("a", "b"), key="model", truth="was", prediction="said")

    tasks = dict(run.results().filter(metric="accuracy").select("model", "task").rows())
    assert tasks == {"a": "binary", "b": "multiclass"}
    assert only(run, model="a")["value"] == pytest.approx(2 / 3)
    assert only(run, model="b")["value"] == pytest.approx(2 / 3)


def test_classes_that_do_not_fit_the_task_are_a_reason(logged):
    rows = {"was": ["x", "y", "z"], "said": ["x", "y", "z"]}
    run = logged(rows, task="binary", truth="was", prediction="said")

    assert reason(run) == "a binary model has two classes, and its data 3: 'x', 'y', 'z'"


def test_a_score_alone_cannot_tell_three_classes_apart(logged):
    rows = {"was": ["x", "y", "z"], "score": [0.1, 0.2, 0.3]}

    assert "a score tells two classes apart" in reason(logged(rows, truth="was", score="score"))


def test_an_absent_class_of_a_multiclass_log_is_no_harm(logged):
    rows = {"was": ["x", "x", "y"], "said": ["x", "z", "y"]}
    run = logged(rows, task="multiclass", truth="was", prediction="said")

    expected = metrics.f1_score(rows["was"], rows["said"], average="macro")
    assert only(run, "f1_macro")["value"] == pytest.approx(expected)
