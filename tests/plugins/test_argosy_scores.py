"""Scores equal scikit-learn's wherever they exist, and say why where they do not."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from math import inf, nan
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve as sk_curve

import argosy_scores
from argosy.errors import PluginError
from argosy.kernels import compiled
from argosy.plugins.settings import using
from argosy.testing.metrics import MetricSuite
from argosy.testing.predictions import handed, predictions
from argosy_scores import argosy_metrics, groups
from argosy_scores.options import Options

METRICS = {metric.name: metric for metric in argosy_metrics()}
BINARY, MULTICLASS, REGRESSION = (
    sorted(name for name, one in METRICS.items() if task in one.tasks and not one.needs)
    for task in ("binary", "multiclass", "regression")
)
CLASSIFIED = sorted({*BINARY, *MULTICLASS})
TIMED = sorted(name for name, metric in METRICS.items() if "latency" in metric.needs)
SUMS = ("true_negatives", "false_positives", "false_negatives", "true_positives")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_groups_are_measured_alike_however_many_at_a_time(task, monkeypatch):
    models = {f"m{n}": predictions(task, 5 + 7 * n, weights="real", seed=n).rows for n in range(9)}
    names = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSION}[task]
    table = handed(models, task)
    together = METRICS[names[0]].measure(table, names)
    monkeypatch.setattr(groups, "_TOGETHER", 20)

    assert METRICS[names[0]].measure(table, names).equals(together)


def confusion(truth, prediction, weight, cell):
    return sk.confusion_matrix(truth, prediction, sample_weight=weight, labels=[0, 1]).ravel()[cell]


def one_vs_rest(truth, scores, weight):
    """Average as scikit-learn does, over the classes that occur."""
    if scores.ndim == 1:
        return sk.roc_auc_score(truth, scores, sample_weight=weight)
    seen = [code for code in range(scores.shape[1]) if 0 < (truth == code).sum() < len(truth)]
    return np.mean(
        [sk.roc_auc_score(truth == one, scores[:, one], sample_weight=weight) for one in seen]
    )


def brier(truth, scores, weight):
    if scores.ndim == 1:
        return sk.brier_score_loss(truth, scores, sample_weight=weight, pos_label=1)
    codes = np.arange(scores.shape[1])
    return sk.brier_score_loss(truth, scores, sample_weight=weight, labels=codes)


def kolmogorov_smirnov(truth, score, weight):
    false, true, _ = sk.roc_curve(truth, score, sample_weight=weight, drop_intermediate=False)
    return np.abs(true - false).max()


def lift(truth, score, weight, share=0.1):
    """Fill the first tenth of the weight, the rows of the border's score in equal parts."""
    runs = np.unique(-score, return_inverse=True)[1]
    size, caught = np.bincount(runs, weight), np.bincount(runs, weight * (truth == 1))
    room = share * weight.sum() - (np.cumsum(size) - size)
    return (caught * np.clip(room / size, 0, 1)).sum() / caught.sum() / share


def calibration_error(truth, scores, weight, bins=15):
    confidence, right = scores, truth == 1
    if scores.ndim == 2:
        confidence, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    gaps = np.bincount(place, weight * (right - confidence), bins)
    return np.abs(gaps).sum() / weight.sum()


# The reference's answer to truth t, prediction p, score s (one column per class where there are
# more than two) and weight w: scikit-learn's where it has the metric.
REFERENCE = {
    "accuracy": lambda t, p, s, w: sk.accuracy_score(t, p, sample_weight=w),
    "balanced_accuracy": lambda t, p, s, w: sk.balanced_accuracy_score(t, p, sample_weight=w),
    "f1_macro": lambda t, p, s, w: sk.f1_score(t, p, average="macro", sample_weight=w),
    "log_loss": lambda t, p, s, w: sk.log_loss(
        t, s, sample_weight=w, labels=np.arange(2 if s.ndim == 1 else s.shape[1])
    ),
    "auc": lambda t, p, s, w: one_vs_rest(t, s, w),
    "gini": lambda t, p, s, w: 2 * sk.roc_auc_score(t, s, sample_weight=w) - 1,
    "ks": lambda t, p, s, w: kolmogorov_smirnov(t, s, w),
    "lift": lambda t, p, s, w: lift(t, s, w),
    "average_precision": lambda t, p, s, w: sk.average_precision_score(t, s, sample_weight=w),
    "brier": lambda t, p, s, w: brier(t, s, w),
    "expected_calibration_error": lambda t, p, s, w: calibration_error(t, s, w),
    "precision": lambda t, p, s, w: sk.precision_score(t, p, sample_weight=w),
    "recall": lambda t, p, s, w: sk.recall_score(t, p, sample_weight=w),
    "specificity": lambda t, p, s, w: sk.recall_score(t, p, sample_weight=w, pos_label=0),
    "f1": lambda t, p, s, w: sk.f1_score(t, p, sample_weight=w),
    "fbeta": lambda t, p, s, w: sk.fbeta_score(t, p, beta=2, sample_weight=w),
    "mcc": lambda t, p, s, w: sk.matthews_corrcoef(t, p, sample_weight=w),
    "true_negatives": lambda t, p, s, w: confusion(t, p, w, 0),
    "false_positives": lambda t, p, s, w: confusion(t, p, w, 1),
    "false_negatives": lambda t, p, s, w: confusion(t, p, w, 2),
    "true_positives": lambda t, p, s, w: confusion(t, p, w, 3),
    "mae": lambda t, p, s, w: sk.mean_absolute_error(t, p, sample_weight=w),
    "mse": lambda t, p, s, w: sk.mean_squared_error(t, p, sample_weight=w),
    "rmse": lambda t, p, s, w: sk.root_mean_squared_error(t, p, sample_weight=w),
    "r2": lambda t, p, s, w: sk.r2_score(t, p, sample_weight=w),
    "bias": lambda t, p, s, w: np.average(p - t, weights=w),
    "mape": lambda t, p, s, w: sk.mean_absolute_percentage_error(t, p, sample_weight=w),
    "smape": lambda t, p, s, w: np.average(2 * np.abs(p - t) / (abs(t) + abs(p)), weights=w),
    "wape": lambda t, p, s, w: np.average(abs(p - t), weights=w) / np.average(abs(t), weights=w),
    "pinball": lambda t, p, s, w: sk.mean_pinball_loss(t, p, sample_weight=w),
    "median_absolute_error": lambda t, p, s, w: sk.median_absolute_error(t, p, sample_weight=w),
    "max_error": lambda t, p, s, w: sk.max_error(t, p),
    "latency_mean": lambda t, p, s, w, latency: np.average(latency, weights=w),
    "latency_p95": lambda t, p, s, w, latency: np.quantile(
        latency, 0.95, weights=w, method="inverted_cdf"
    ),
}


def table(truth, prediction=None, score=None, truth_score=None, weight=None):
    """Build rows as the engine hands them over: five columns of float64."""
    given = {
        "truth": truth,
        "prediction": truth if prediction is None else prediction,
        "score": [None] * len(truth) if score is None else score,
        "truth_score": [None] * len(truth) if truth_score is None else truth_score,
        "weight": [1.0] * len(truth) if weight is None else weight,
    }
    return pl.DataFrame(given, schema=dict.fromkeys(given, pl.Float64), strict=False)


def binary(truth, score, weight=None):
    """Build the rows of a binary classifier that calls a score of a half or more."""
    truth, score = np.asarray(truth, float), np.asarray(score, float)
    return table(truth, score >= 0.5, score, np.where(truth == 1, score, 1 - score), weight)


def suited_to(name, rows):
    """Move the truth off zero for a regression, which may divide by it."""
    return rows.with_columns(pl.col("truth") + 1) if name in REGRESSION else rows


def answers(names, models, task):
    """Measure models in one call: of each the value, or the reason why there is none, by name."""
    fleet = handed(models, task)
    found = {name: METRICS[name].measure(fleet, [name])[name].to_pylist() for name in names}
    told = {
        name: [one["value"] if one["reason"] is None else one["reason"] for one in each]
        for name, each in found.items()
    }
    rows = zip(*told.values(), strict=True)
    return {
        model: dict(zip(names, row, strict=True)) for model, row in zip(models, rows, strict=True)
    }


def measured(name, rows):
    """Return the value, or the reason why there is none."""
    task = min(METRICS[name].tasks)
    return answers([name], {"m": rows}, task)["m"][name]


def expected(name, rows):
    """Ask the reference, without the rows of weight zero: scikit-learn lets their classes count."""
    counts = rows["weight"].to_numpy() > 0
    truth, prediction, scores, weight = (
        rows[column].to_numpy()[counts] for column in ("truth", "prediction", "score", "weight")
    )
    if "probabilities" in rows.columns:
        scores = np.array(rows["probabilities"].to_list())[counts]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of classes missing on one side
        return REFERENCE[name](truth, prediction, scores, weight)


def some_weights(rng, n):
    """Draw weights of every sort: all alike, zeros among whole numbers, real."""
    return [np.ones(n), rng.integers(0, 3, n), rng.gamma(0.5, size=n)][rng.integers(3)]


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-12)


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


NO_POSITIVES = binary([0, 0], [0.1, 0.9])
NO_NEGATIVES = binary([1, 1], [0.1, 0.9])
UNSEEN_POSITIVES = binary([1, 0], [0.1, 0.9], [0, 1])
NO_CALLS = binary([0, 1], [0.1, 0.2])
ALL_CALLS = binary([0, 1], [0.8, 0.7])
QUIET = binary([0, 0], [0.1, 0.2])


@pytest.mark.parametrize(
    ("reason", "name", "rows"),
    [
        *(
            ("all weights are zero", name, binary([0, 1], [0.1, 0.9], [0, 0]))
            for name in METRICS
            if name not in TIMED
        ),
        ("only one class in the truth", "auc", NO_POSITIVES),
        ("only one class in the truth", "auc", NO_NEGATIVES),
        ("only one class in the truth", "auc", UNSEEN_POSITIVES),
        ("only one class in the truth", "mcc", NO_POSITIVES),
        ("only one class in the truth", "mcc", UNSEEN_POSITIVES),
        ("only one class in the predictions", "mcc", NO_CALLS),
        ("only one class in the predictions", "mcc", ALL_CALLS),
        ("no positive truths", "average_precision", NO_POSITIVES),
        ("no positive truths", "recall", NO_POSITIVES),
        ("no positive truths", "recall", UNSEEN_POSITIVES),
        ("no negative truths", "specificity", NO_NEGATIVES),
        ("no positive predictions", "precision", NO_CALLS),
        ("no positive truths and no positive predictions", "f1", QUIET),
        *(
            ("the model gives no scores", name, table([0, 1]))
            for name in ("auc", "average_precision", "brier", "log_loss")
        ),
        *(
            ("some rows have no score", name, table([0, 1], None, [0.1, None], [None, 0.9]))
            for name in ("auc", "average_precision", "brier", "log_loss")
        ),
        *(
            ("some rows have no score", name, binary([0, 1], [0.1, nan]))
            for name in ("auc", "average_precision", "brier", "log_loss")
        ),
        *(
            ("some scores are not probabilities", name, binary([0, 1], [0.1, odd]))
            for name in ("brier", "log_loss")
            for odd in (inf, -0.5, 1.5)
        ),
        ("all truths are equal", "r2", table([0.1] * 3, [1, 2, 3], weight=[0.1, 0.2, 0.7])),
        ("all truths are equal", "r2", table([1, 2], [1, 2], weight=[1, 0])),
        ("all truths are equal", "r2", table([1], [1])),
        ("a truth is zero", "mape", table([0, 1], [1, 1])),
        *(
            ("some errors are not finite", name, table([1, 2, odd], [1, 2, 3]))
            for name in REGRESSION
            for odd in (nan, inf)
        ),
        ("the errors are too large for a 64-bit number", "mse", table([1, 2], [1, 1e200])),
    ],
)
def test_a_score_that_does_not_exist_says_why(reason, name, rows):
    """A zero or a NaN in its place would pass for a bad model."""
    assert reason == measured(name, rows)


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


@pytest.mark.parametrize("name", ["auc", "average_precision", "gini", "ks", "lift"])
def test_scores_that_only_rank_may_lie_anywhere(name):
    """Margins have no bounds, and the logarithm of zero is infinite."""
    truth = [0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1]
    score = [-inf, -3.0, -0.0, 0.0, 5e-324, -5e-324, 7.0, 1e300, inf, inf, 9.0]
    places = np.searchsorted(sorted(set(score)), score).astype(float)

    assert measured(name, binary(truth, score)) == close(measured(name, binary(truth, places)))


def test_scores_that_are_all_equal_rank_nothing():
    rows = binary([0, 1, 1, 0, 1], [0.5] * 5)

    found = {name: measured(name, rows) for name in ("auc", "gini", "ks", "lift")}
    assert found == {"auc": close(0.5), "gini": close(0), "ks": close(0), "lift": close(1)}
    assert measured("average_precision", rows) == close(0.6)


def test_calibration_is_that_of_scikit_learns_curve():
    rng = np.random.default_rng(11)
    score = np.append(rng.random(500), np.linspace(0, 1, 16))  # edges of bins among them
    truth = rng.random(516) < score**2
    share, mean = sk_curve(truth, score, n_bins=15)
    places = np.searchsorted(np.linspace(0, 1, 16)[1:-1], score)
    sizes = np.bincount(places)

    theirs = (sizes[sizes > 0] * np.abs(share - mean)).sum() / 516
    assert measured("expected_calibration_error", binary(truth, score)) == close(theirs)


@pytest.mark.parametrize(
    ("name", "option", "value", "reference"),
    [
        ("fbeta", "beta", 0.5, lambda t, p, s, w: sk.fbeta_score(t, p, beta=0.5, sample_weight=w)),
        ("lift", "lift_share", 0.25, lambda t, p, s, w: lift(t, s, w, 0.25)),
        (
            "expected_calibration_error",
            "calibration_bins",
            4,
            lambda t, p, s, w: calibration_error(t, s, w, 4),
        ),
        (
            "pinball",
            "quantile",
            0.9,
            lambda t, p, s, w: sk.mean_pinball_loss(t, p, alpha=0.9, sample_weight=w),
        ),
    ],
)
def test_an_option_changes_what_is_measured(name, option, value, reference):
    rows = predictions(min(METRICS[name].tasks), 200, 1.0, "real").rows
    columns = (rows[one].to_numpy() for one in ("truth", "prediction", "score", "weight"))

    plain = measured(name, rows)
    with using({"scores": {option: value}}):
        changed = measured(name, rows)
    assert changed == close(reference(*columns))
    assert changed != plain


@pytest.mark.parametrize(
    ("rule", "value"),
    [("undefined", "a truth is zero"), ("leave_out", 0.75), ("epsilon", close((1.5 + 2**52) / 3))],
)
def test_a_truth_of_zero_is_dealt_with_as_chosen(rule, value):
    rows = table([2.0, 0.0, 4.0], [3.0, 1.0, 0.0])

    with using({"scores": {"mape_zero": rule}}):
        assert value == measured("mape", rows)


def test_truths_that_are_all_zero_leave_no_row_for_a_percentage():
    rows = table([0.0, 0.0], [3.0, 1.0])

    assert "all truths are zero" == measured("wape", rows)
    with using({"scores": {"mape_zero": "leave_out"}}):
        assert "all truths are zero" == measured("mape", rows)


@pytest.mark.parametrize(
    ("latency", "mean", "p95"),
    [
        ([1.0, nan, 3.0], 2.0, 3.0),
        ([nan] * 3, *["no row has a latency"] * 2),
        ([1.0, -1.0, 2.0], *["some latencies are negative or infinite"] * 2),
        ([1.0, inf, 2.0], *["some latencies are negative or infinite"] * 2),
    ],
)
def test_latencies_are_measured_where_they_are(latency, mean, p95):
    rows = binary([0, 1, 0], [0.1, 0.9, 0.4]).with_columns(latency=pl.Series(latency))

    assert [mean, p95] == [measured(name, rows) for name in TIMED]


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


def test_without_numba_the_message_says_what_to_install(monkeypatch):
    """Numba is large, so the base installation goes without."""
    monkeypatch.setitem(sys.modules, "numba", None)
    fresh = compiled(lambda x: x)

    with pytest.raises(PluginError, match=r"pip install 'argosy\[scores\]'"):
        fresh(1)


def test_a_classifier_that_finds_nothing_has_an_f1_of_zero():
    """There was something to find, so this zero is earned."""
    assert measured("f1", NO_CALLS) == 0


def test_probabilities_in_single_precision_may_overshoot():
    """A softmax in float32 gives 1.0000001; that is no reason to refuse a score."""
    rows = table([1, 0], [1, 0], [1.0000001, -1e-7], [1.0000001, 1.0])

    assert measured("brier", rows) == 0
    assert measured("log_loss", rows) == close(0)


GUIDE = (Path(argosy_scores.__file__).parent / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)`( ★)? \| (.+) \|$", GUIDE, flags=re.MULTILINE)


def test_every_metric_is_in_the_guide():
    """A metric nobody can read about does not exist."""
    assert sorted(METRICS) == sorted(name for name, _, _ in ROWS)


def bound(text):
    return {"∞": inf, "\u2212∞": -inf}.get(text) or float(text.replace("\u2212", "-"))


@pytest.mark.parametrize(("name", "star", "row"), ROWS)
def test_the_guide_says_what_a_metric_says(name, star, row):
    """Direction, bounds, and whether it is measured where none is named."""
    formula, better, bounds, interval, *_ = re.split(r" (?<!\\)\| ", f"{row} ")
    metric = METRICS[name]

    assert metric.default == bool(star)
    assert (better == "higher") == metric.higher_is_better
    assert metric.bounds == pytest.approx([bound(end) for end in bounds.split(" to ")], abs=0.01)


@pytest.mark.parametrize(("name", "star", "row"), ROWS)
def test_the_guide_says_which_metrics_have_intervals(name, star, row):
    interval = re.split(r" (?<!\\)\| ", f"{row} ")[3]
    task = min(METRICS[name].tasks)
    table = handed({"m": predictions(task, 100).rows}, task)

    found = METRICS[name].measure(table, [name])[name][0].as_py()
    ends = [found[end] is not None for end in ("error", "lower", "upper")]
    assert ends == [interval != "none"] * 3


def test_every_reason_of_the_guide_is_told_somewhere():
    """A reason that is quoted but never given misleads."""
    source = "".join(path.read_text() for path in Path(argosy_scores.__file__).parent.glob("*.py"))
    quoted = re.findall(r'"((?:no|only|some|the|all|a) [\w ]+)"', GUIDE)

    assert len(quoted) > 15
    assert [reason for reason in quoted if f'"{reason}' not in source] == []


@pytest.mark.parametrize("option", sorted(Options.model_fields))
def test_every_option_is_in_the_guide(option):
    assert f"`scores.{option}`" in GUIDE


def test_the_doorway_imports_nothing_heavy():
    """Every command imports every plugin, so the import must cost nothing."""
    probe = (
        "import sys, argosy; before = set(sys.modules); import argosy_scores;"
        "print({'numpy', 'polars', 'sklearn'} & (set(sys.modules) - before))"
    )
    command = [sys.executable, "-W", "error", "-c", probe]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (found.stdout, found.stderr) == ("set()\n", "")


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
