"""Metrics of regressions: how far, and in which direction, predictions miss."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import order
from argosy.plugins import options
from argosy.types import Metric
from argosy_metrics import errors, intervals, quantiles
from argosy_metrics.groups import Groups, Number, family
from argosy_metrics.parts import of_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from argosy_metrics.groups import Case, Floats, Ints

REGRESSION: frozenset[str] = frozenset({"regression"})
ZERO = {"undefined": errors.UNDEFINED, "leave_out": errors.LEAVE_OUT, "epsilon": errors.LEAST}


class Errors(NamedTuple):
    """What `errors.errors` found."""

    found: Floats
    weights: Floats
    flags: Ints


def _errors(groups: Groups) -> Errors:
    chosen = options("metrics")
    rules = ZERO[chosen.mape_zero], float(chosen.quantile)
    return Errors(*errors.errors(*groups.columns, *groups.spans, *rules, *groups.batches))


def _sound(groups: Groups) -> Sequence[Case]:
    here = groups.once(_errors)
    return [
        (here.weights == 0, "all weights are zero"),
        (here.flags & errors.NOT_FINITE > 0, "some errors are not finite"),
    ]


def _flagged(groups: Groups, flag: int, why: str) -> Case:
    return groups.once(_errors).flags & flag > 0, why


def _finite(value: Floats) -> Case:
    return ~np.isfinite(value), "the errors are too large for a 64-bit number"


def _average(metric: int) -> Callable[[Groups], Number]:
    """Return the recipe of an average, or a ratio of averages, that is never negative."""

    def measure(groups: Groups) -> Number:
        value, alone, batched = groups.once(_errors).found[metric]
        variance, worth = groups.settled(alone, batched)
        error = intervals.spread(variance, value)
        interval = intervals.log(value, error, groups.quantile)
        return Number(value, [*_sound(groups), _finite(value)], error, interval, worth)

    return measure


_mae, _mse, _pinball = (_average(one) for one in (errors.MAE, errors.MSE, errors.PINBALL))


def _rmse(groups: Groups) -> Number:
    found = _mse(groups)
    value = np.sqrt(found.value)
    with np.errstate(all="ignore"):
        error = found.error / (2 * value)
    interval = intervals.log(value, error, groups.quantile)
    return Number(value, found.cases, error, interval, found.worth)


def _bias(groups: Groups) -> Number:
    value, alone, batched = groups.once(_errors).found[errors.BIAS]
    variance, worth = groups.settled(alone, batched)
    error = intervals.spread(variance, _mae(groups).value)
    interval = intervals.normal(value, error, groups.quantile)
    return Number(value, [*_sound(groups), _finite(value)], error, interval, worth)


def _r2(groups: Groups) -> Number:
    """Measure the share of the truth's variance that the predictions account for."""
    ratio, alone, batched = groups.once(_errors).found[errors.R2]
    variance, worth = groups.settled(alone, batched)
    error = intervals.spread(variance, ratio)
    lower, upper = intervals.log(ratio, error, groups.quantile)
    alike = _flagged(groups, errors.ALL_EQUAL, "all truths are equal")
    cases = [*_sound(groups), alike, _finite(ratio)]
    return Number(1 - ratio, cases, error, (1 - upper, 1 - lower), worth)


def _mape(groups: Groups) -> Number:
    found = _average(errors.MAPE)(groups)
    zero = {
        "undefined": [_flagged(groups, errors.TRUTH_ZERO, "a truth is zero")],
        "leave_out": [_flagged(groups, errors.ALL_ZERO, "all truths are zero")],
        "epsilon": [],
    }[options("metrics").mape_zero]
    return found._replace(cases=[*_sound(groups), *zero, _finite(found.value)])


def _smape(groups: Groups) -> Number:
    found = _average(errors.SMAPE)(groups)
    lower, upper = found.interval
    value, interval = np.clip(found.value, 0, 2), (lower, np.minimum(upper, 2))
    return found._replace(value=value, interval=interval)


def _wape(groups: Groups) -> Number:
    found = _average(errors.WAPE)(groups)
    zero = _flagged(groups, errors.ALL_ZERO, "all truths are zero")
    return found._replace(cases=[*_sound(groups), zero, _finite(found.value)])


def _max_error(groups: Groups) -> Number:
    return Number.alone(groups.once(_errors).found[errors.MAX, errors.VALUE], _sound(groups))


def _median_absolute_error(groups: Groups) -> Number:
    with np.errstate(all="ignore"):
        miss = np.abs(groups["prediction"] - groups["truth"])
    return quantile(groups, miss, groups["weight"], 0.5, True, _sound(groups))


def quantile(
    groups: Groups,
    values: Floats,
    weight: Floats,
    at: float,
    halfway: bool,
    cases: Sequence[Case],
) -> Number:
    """Find a quantile of values; its interval has an end only where it has both.

    Args:
        groups: which the rows belong to.
        values: shape (rows,).
        weight: likewise.
        at: which quantile, from 0 to 1.
        halfway: take the mean of two values between which exactly `at` of the weight lies.
        cases: what makes it undefined.
    """
    spans = order(values, *groups.spans), *groups.spans
    z = groups.quantile
    value, lower, upper, worth = quantiles.quantiles(
        values, weight, *spans, at, halfway, z, *groups.batches
    )
    with np.errstate(all="ignore"):
        error = intervals.known((upper - lower) / (2 * z), value)
    lower, upper = (np.where(np.isnan(error), np.nan, end) for end in (lower, upper))
    return Number(value, cases, error, (lower, upper), worth)


MEASURE = family(
    {
        "mae": _mae,
        "mse": _mse,
        "rmse": _rmse,
        "r2": _r2,
        "bias": _bias,
        "mape": _mape,
        "smape": _smape,
        "wape": _wape,
        "pinball": _pinball,
        "median_absolute_error": _median_absolute_error,
        "max_error": _max_error,
    }
)


def _metric(
    name: str,
    bounds: tuple[float, float] = (0, inf),
    higher: bool = False,
    default: bool = True,
    best: float | None = None,
) -> Metric:
    quick = of_errors if name in {"mae", "mse", "rmse", "bias"} else None
    return Metric(
        *(name, REGRESSION, MEASURE, higher, bounds),
        default=default,
        batched=True,
        best=best,
        parts=quick,
    )


METRICS = (
    _metric("mae"),
    _metric("mse"),
    _metric("rmse"),
    _metric("r2", (-inf, 1), higher=True),
    _metric("bias", (-inf, inf), best=0.0),
    _metric("mape"),
    _metric("median_absolute_error"),
    _metric("max_error"),
    _metric("smape", (0, 2), default=False),
    _metric("wape", default=False),
    _metric("pinball", default=False),
)
