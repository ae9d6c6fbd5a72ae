"""Metrics, what they measure, and what scikit-learn says of the same rows."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from argosy.testing.predictions import handed
from argosy_metrics import argosy_metrics

METRICS = {metric.name: metric for metric in argosy_metrics()}
BINARY, MULTICLASS, REGRESSION = (
    sorted(name for name, one in METRICS.items() if task in one.tasks and not one.needs)
    for task in ("binary", "multiclass", "regression")
)
TIMED = sorted(name for name, metric in METRICS.items() if "latency" in metric.needs)


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


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-12)
