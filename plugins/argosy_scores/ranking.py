"""Metrics of how the scores of a classifier order the rows."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import order
from argosy.plugins import options
from argosy.types import Metric
from argosy_scores import curves as walk
from argosy_scores.decisions import BINARY, BOTH, ONE_TRUTH, unweighted
from argosy_scores.groups import Groups, Number, family
from argosy_scores.intervals import log, logit, spread
from argosy_scores.losses import ANY, MISSING
from argosy_scores.one_vs_rest import one_vs_rest
from argosy_scores.scores import flags, incomplete, several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_scores.groups import Case, Flags, Floats

NO_POSITIVES = "no positive truths"


def _curves(groups: Groups) -> Floats:
    use = groups.once(flags) & (ANY | MISSING) == ANY
    places = order(groups["score"], groups.starts, np.where(use, groups.lengths, 0))
    share = float(options("scores").lift_share)
    columns = groups["truth"], groups["score"], groups["weight"]
    return walk.curves(*columns, places, *groups.spans, use, share)


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
    value = np.clip(groups.once(_curves)[walk.KS], 0, 1)
    return Number.alone(value, _cases(groups, np.isnan(value), ONE_TRUTH))


def _lift(groups: Groups) -> Number:
    found = groups.once(_curves)
    value, error = found[walk.LIFT], spread(found[walk.LIFT_VARIANCE])
    return Number(value, _cases(groups, np.isnan(value), NO_POSITIVES), error, log(value, error))


MEASURE = family(
    {
        "auc": _auc,
        "gini": _gini,
        "average_precision": _average_precision,
        "ks": _ks,
        "lift": _lift,
    }
)

METRICS = (
    Metric("auc", BOTH, MEASURE, higher_is_better=True, bounds=(0, 1)),
    Metric("average_precision", BINARY, MEASURE, higher_is_better=True, bounds=(0, 1)),
    Metric("gini", BINARY, MEASURE, higher_is_better=True, bounds=(-1, 1), default=False),
    Metric("ks", BINARY, MEASURE, higher_is_better=True, bounds=(0, 1), default=False),
    Metric("lift", BINARY, MEASURE, higher_is_better=True, bounds=(0, inf), default=False),
)
