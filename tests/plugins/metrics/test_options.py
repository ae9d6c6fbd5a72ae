"""Options change what is measured, and nothing else."""

from __future__ import annotations

import pytest
from sklearn import metrics as sk

from argosy.plugins.settings import using
from argosy.testing.predictions import predictions

from .measuring import METRICS, calibration_error, close, lift, measured, table


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
    with using({"metrics": {option: value}}):
        changed = measured(name, rows)
    assert changed == close(reference(*columns))
    assert changed != plain


@pytest.mark.parametrize(
    ("rule", "value"),
    [("undefined", "a truth is zero"), ("leave_out", 0.75), ("epsilon", close((1.5 + 2**52) / 3))],
)
def test_a_truth_of_zero_is_dealt_with_as_chosen(rule, value):
    rows = table([2.0, 0.0, 4.0], [3.0, 1.0, 0.0])

    with using({"metrics": {"mape_zero": rule}}):
        assert value == measured("mape", rows)


def test_truths_that_are_all_zero_leave_no_row_for_a_percentage():
    rows = table([0.0, 0.0], [3.0, 1.0])

    assert "all truths are zero" == measured("wape", rows)
    with using({"metrics": {"mape_zero": "leave_out"}}):
        assert "all truths are zero" == measured("mape", rows)
