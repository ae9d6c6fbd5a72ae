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
    return walk.curves(*groups.once(_ranked))


def _thresholds(groups: Groups) -> Floats:
    ranked: Ranked = groups.once(_ranked)
    return threshold_scan.scan(*ranked, float(options("metrics").lift_share))


def _cases(groups: Groups, undefined: Flags, why: str) -> Sequence[Case]:
    return [unweighted(groups), *incomplete(groups.once(flags)), (undefined, why)]


def _areas(groups: Groups) -> tuple[Floats, Floats]:
    """Return the area under the ROC curve and its variance, of several classes their average."""
    found = groups.once(_curves)
    value, variance = found[walk.AUC], found[walk.AUC_VARIANCE]
    many = groups.once(several)
    if many.classes.any():
        columns = groups["truth"], groups["weight"], many.flat
        rest, spreads = one_vs_rest(*columns, many.classes, groups.lengths)
        value = np.where(many.here, rest, value)
        variance = np.where(many.here, spreads, variance)
    return np.clip(value, 0, 1), variance


def _auc(groups: Groups) -> Number:
    value, variance = groups.once(_areas)
    error = spread(variance)
    return Number(value, _cases(groups, np.isnan(value), ONE_TRUTH), error, logit(value, error))


def _gini(groups: Groups) -> Number:
    found = _auc(groups)
    value, lower, upper = (2 * one - 1 for one in (found.value, *found.interval))
    return Number(value, found.cases, 2 * found.error, (lower, upper))


def _average_precision(groups: Groups) -> Number:
    found = groups.once(_curves)
    value, error = np.clip(found[walk.PRECISION], 0, 1), spread(found[walk.PRECISION_VARIANCE])
    return Number(value, _cases(groups, np.isnan(value), NO_POSITIVES), error, logit(value, error))


def _ks(groups: Groups) -> Number:
    value = np.clip(groups.once(_thresholds)[threshold_scan.KS], 0, 1)
    return Number.alone(value, _cases(groups, np.isnan(value), ONE_TRUTH))


def _lift(groups: Groups) -> Number:
    found = groups.once(_thresholds)
    value, error = found[threshold_scan.LIFT], spread(found[threshold_scan.LIFT_VARIANCE])
    return Number(value, _cases(groups, np.isnan(value), NO_POSITIVES), error, log(value, error))


RECIPES: Recipes = {
    "auc": _auc,
    "gini": _gini,
    "average_precision": _average_precision,
    "ks": _ks,
    "lift": _lift,
}
