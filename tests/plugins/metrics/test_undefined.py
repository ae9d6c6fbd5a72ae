"""Scores that do not exist say why."""

from __future__ import annotations

from math import inf, nan

import pytest

from .measuring import METRICS, REGRESSION, TIMED, binary, close, measured, table

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


def test_a_classifier_that_finds_nothing_has_an_f1_of_zero():
    """There was something to find, so this zero is earned."""
    assert measured("f1", NO_CALLS) == 0


def test_probabilities_in_single_precision_may_overshoot():
    """A softmax in float32 gives 1.0000001; that is no reason to refuse a score."""
    rows = table([1, 0], [1, 0], [1.0000001, -1e-7], [1.0000001, 1.0])

    assert measured("brier", rows) == 0
    assert measured("log_loss", rows) == close(0)
