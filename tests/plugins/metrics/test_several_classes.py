"""Scores of several classes, alone and beside those of two."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from sklearn import metrics as sk

from argosy.testing.predictions import handed, predictions

from .measuring import METRICS, answers, close, expected, measured, table


def several(truth, probabilities, **columns):
    """Build the rows of a classifier of several classes."""
    each = np.asarray(probabilities, float)
    known = np.pad(each, [(0, 0), (0, 1)])  # nothing for a class that the model does not know
    told = known[np.arange(len(truth)), np.minimum(truth, each.shape[1])]
    rows = table(truth, each.argmax(axis=1), truth_score=told, **columns)
    return rows.with_columns(probabilities=pl.Series(each).cast(pl.List(pl.Float64)))


def of_several(name, rows):
    return answers([name], {"m": rows}, "multiclass")["m"][name]


def test_the_area_of_several_classes_is_scikit_learns():
    rows = predictions("multiclass", 200, 1.0, "real").rows
    probabilities = np.array(rows["probabilities"].to_list())
    theirs = sk.roc_auc_score(
        rows["truth"], probabilities, multi_class="ovr", sample_weight=rows["weight"]
    )

    assert of_several("auc", rows) == close(theirs)


def test_a_class_that_does_not_occur_has_no_part_in_the_area():
    """It has no curve; scikit-learn answers NaN for it."""
    rng = np.random.default_rng(8)
    truth, each = rng.choice([0, 2], 50), rng.dirichlet(np.ones(3), 50)
    areas = [sk.roc_auc_score(truth == one, each[:, one]) for one in (0, 2)]

    assert of_several("auc", several(truth, each)) == close(np.mean(areas))


def test_a_truth_that_the_model_does_not_know_is_a_miss_and_a_negative_of_every_class():
    rng = np.random.default_rng(9)
    truth, each = rng.integers(0, 4, 60), rng.dirichlet(np.ones(3), 60)
    rows = several(truth, each)

    areas = [sk.roc_auc_score(truth == one, each[:, one]) for one in range(3)]
    assert of_several("auc", rows) == close(np.mean(areas))
    assert of_several("accuracy", rows) == close(np.mean(each.argmax(axis=1) == truth))
    losses = (each**2).sum(axis=1) + 1
    known = truth < 3
    losses[known] -= 2 * each[known, truth[known]]
    assert of_several("brier", rows) == close(losses.mean())


@pytest.mark.parametrize(
    ("reason", "name", "rows"),
    [
        ("only one class in the truth", "auc", several([1, 1], [[0.2, 0.5, 0.3]] * 2)),
        ("the model gives no scores", "auc", table([0, 1, 2])),
        ("the model gives no scores", "brier", table([0, 1, 2])),
        ("some rows have no score", "brier", several([0, 1], [[0.2, 0.8], [nan, nan]])),
        ("some scores are not probabilities", "brier", several([0, 1], [[0.2, 0.8], [0.5, 0.6]])),
        ("some scores are not probabilities", "brier", several([0, 1], [[0.2, 0.8], [-0.5, 1.5]])),
        ("only one class in the predictions", "mcc", several([0, 1], [[0.8, 0.2]] * 2)),
    ],
)
def test_a_score_of_several_classes_that_does_not_exist_says_why(reason, name, rows):
    assert reason == of_several(name, rows)


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "f1_macro", "mcc"])
@pytest.mark.parametrize("odd", [0.5, -1.0, inf, nan, 1e9])
def test_codes_that_are_none_are_refused(name, odd):
    """They are places in tables, so a wild one must not reach them."""
    rows = table([0.0, odd, 1.0], [0.0, 1.0, 1.0])

    assert "some classes are not whole numbers from 0" == measured(name, rows)


def test_a_thousand_classes_in_a_few_rows_are_counted():
    """The table of truths and predictions would have a million cells."""
    rng = np.random.default_rng(10)
    rows = table(rng.integers(0, 1000, 300), rng.integers(0, 1000, 300), weight=rng.random(300))

    for name in ("accuracy", "balanced_accuracy", "f1_macro", "mcc"):
        assert (name, of_several(name, rows)) == (name, close(expected(name, rows)))


def test_a_mixture_of_tasks_is_told_apart_row_by_row():
    """Nothing says that a table holds one task only."""
    tables = {
        task: handed({task: predictions(task, 50).rows.select(pl.exclude("latency"))}, task)
        for task in ("binary", "multiclass")
    }
    none = pa.nulls(1, tables["multiclass"]["probabilities"].type)
    tables["binary"] = tables["binary"].append_column("probabilities", none)
    both = pa.concat_tables(
        [tables["binary"], tables["multiclass"].select(tables["binary"].column_names)]
    )

    for name in ("auc", "brier", "expected_calibration_error"):
        found = METRICS[name].measure(both, [name])[name].to_pylist()
        apart = [METRICS[name].measure(one, [name])[name][0].as_py() for one in tables.values()]
        assert apart == found
