"""Metrics of how the scores of a classifier order the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import order
from argosy.plugins import options
from argosy_metrics import curves as walk
from argosy_metrics import threshold_scan
from argosy_metrics.decisions import ONE_TRUTH, unweighted
from argosy_metrics.groups import Groups, Number
from argosy_metrics.intervals import log, logit, spread
from argosy_metrics.losses import ANY, MISSING
from argosy_metrics.one_vs_rest import one_vs_rest
from argosy_metrics.scores import flags, incomplete, several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_metrics.groups import Case, Flags, Floats, Ints, Recipes

    Ranked = tuple[Floats, Floats, Floats, Ints, Ints, Ints, Flags]

NO_POSITIVES = "no positive truths"


def _ranked(groups: Groups) -> Ranked:
    """Return what a walk from the highest score to the lowest needs; the order is found once."""
    use = groups.once(flags) & (ANY | MISSING) == ANY
    places = order(groups["score"], groups.starts, np.where(use, groups.lengths, 0))
    return groups["truth"], groups["score"], groups["weight"], places, *groups.spans, use


def _curves(groups: Groups) -> Floats:
    ranked: Ranked = groups.once(_ranked)
    return walk.curves(*ranked, *groups.batches)


def _thresholds(groups: Groups) -> Floats:
    ranked: Ranked = groups.once(_ranked)
    share = float(options("metrics").lift_share)
    return threshold_scan.scan(*ranked, share, *groups.batches)


def _cases(groups: Groups, undefined: Flags, why: str) -> Sequence[Case]:
    return [unweighted(groups), *incomplete(groups.once(flags)), (undefined, why)]


def _areas(groups: Groups) -> tuple[Floats, Floats, Floats]:
    """Return the area under the ROC curve and its variances, of several classes their average."""
    found = groups.once(_curves)
    value, alone, batched = (found[one] for one in (walk.AUC, walk.AUC_VARIANCE, walk.AUC_BATCHED))
    many = groups.once(several)
    if many.classes.any():
        columns = groups["truth"], groups["weight"], many.flat
        rest = one_vs_rest(*columns, many.classes, groups.lengths, groups.batches)
        both = zip(rest, (value, alone, batched), strict=True)
        value, alone, batched = (np.where(many.here, one, two) for one, two in both)
    return np.clip(value, 0, 1), alone, batched


def _auc(groups: Groups) -> Number:
    value, alone, batched = groups.once(_areas)
    cases = _cases(groups, np.isnan(value), ONE_TRUTH)
    variance, worth = groups.settled(alone, batched)
    error = spread(variance)
    return Number(value, cases, error, logit(value, error, groups.quantile), worth)


def _gini(groups: Groups) -> Number:
    found = _auc(groups)
    value, lower, upper = (2 * one - 1 for one in (found.value, *found.interval))
    return Number(value, found.cases, 2 * found.error, (lower, upper), found.worth)


def _average_precision(groups: Groups) -> Number:
    found = groups.once(_curves)
    value = np.clip(found[walk.PRECISION], 0, 1)
    cases = _cases(groups, np.isnan(value), NO_POSITIVES)
    variance, worth = groups.settled(found[walk.PRECISION_VARIANCE], found[walk.PRECISION_BATCHED])
    error = spread(variance)
    return Number(value, cases, error, logit(value, error, groups.quantile), worth)


def _ks(groups: Groups) -> Number:
    value = np.clip(groups.once(_thresholds)[threshold_scan.KS], 0, 1)
    return Number.alone(value, _cases(groups, np.isnan(value), ONE_TRUTH))


def _lift(groups: Groups) -> Number:
    found = groups.once(_thresholds)
    value = found[threshold_scan.LIFT]
    cases = _cases(groups, np.isnan(value), NO_POSITIVES)
    variances = found[threshold_scan.LIFT_VARIANCE], found[threshold_scan.LIFT_BATCHED]
    variance, worth = groups.settled(*variances)
    error = spread(variance)
    return Number(value, cases, error, log(value, error, groups.quantile), worth)


RECIPES: Recipes = {
    "auc": _auc,
    "gini": _gini,
    "average_precision": _average_precision,
    "ks": _ks,
    "lift": _lift,
}
