"""Metrics of a classifier's scores taken as probabilities."""

from __future__ import annotations

import sys
from math import log
from typing import TYPE_CHECKING

import numpy as np

from argosy.plugins import options
from argosy_metrics import intervals, losses
from argosy_metrics.decisions import unweighted
from argosy_metrics.groups import Groups, Number
from argosy_metrics.scores import flags, improbable, incomplete, of_truth, several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_metrics.groups import Case, Floats, Ints, Recipes

EPSILON = sys.float_info.epsilon
WORST = -log(EPSILON)


def _cases(groups: Groups, found: Ints) -> Sequence[Case]:
    return [unweighted(groups), *incomplete(found), improbable(found)]


def averaged(groups: Groups, each: Floats, cases: Sequence[Case], most: float) -> Number:
    """Average losses that are at least 0 and at most `most`, of every row or of none."""
    mean, alone, batched = losses.means(each, groups["weight"], *groups.spans, *groups.batches)
    value = np.clip(mean, 0, most)
    variance, worth = groups.settled(alone, batched)
    error = intervals.spread(variance, value)
    lower, upper = intervals.log(value, error, groups.quantile)
    return Number(value, cases, error, (lower, np.minimum(upper, most)), worth)


def _log_loss(groups: Groups) -> Number:
    cases = _cases(groups, groups.once(of_truth))
    return averaged(groups, losses.surprise(groups["truth_score"], EPSILON), cases, WORST)


def _brier(groups: Groups) -> Number:
    many = groups.once(several)
    each = losses.squared_distance(groups["truth"], groups["score"])
    if many.here.any():
        each = np.where(np.repeat(many.here, groups.lengths), many.distance, each)
    return averaged(groups, each, _cases(groups, groups.once(flags)), 2.0)


def _expected_calibration_error(groups: Groups) -> Number:
    many = groups.once(several)
    confidence, right = groups["score"], (groups["truth"] == 1).astype(np.float64)
    if many.here.any():
        of_many = np.repeat(many.here, groups.lengths)
        confidence = np.where(of_many, many.top, confidence)
        right = np.where(of_many, many.right, right)
    edges = np.linspace(0, 1, int(options("metrics").calibration_bins) + 1)
    value = losses.miscalibration(confidence, right, groups["weight"], *groups.spans, edges)
    return Number.alone(np.clip(value, 0, 1), _cases(groups, groups.once(flags)))


RECIPES: Recipes = {
    "log_loss": _log_loss,
    "brier": _brier,
    "expected_calibration_error": _expected_calibration_error,
}
