"""Metrics of regressions: how far, and in which direction, predictions miss."""

from __future__ import annotations

import sys
from math import inf

import polars as pl

from argosy.kernels import aggregation
from argosy.types import Metric
from argosy_scores.rows import NO_WEIGHT, PREDICTION, PRESENT, TRUTH, WEIGHT, first_reason, mean

ERROR = PREDICTION - TRUTH
OBSERVED = pl.when(PRESENT).then(TRUTH)

NOT_FINITE = ((PRESENT & ~ERROR.is_finite()).any(), "some errors are not finite")
NO_SPREAD = (OBSERVED.min() == OBSERVED.max(), "all truths are equal")
TRUTH_ZERO = ((OBSERVED == 0).any(), "a truth is zero")


def _overflow(value: pl.Expr) -> tuple[pl.Expr, str]:
    return ~value.is_finite(), "the errors are too large for a 64-bit number"


def r2() -> pl.Expr:
    """Measure the share of the truth's variance that the predictions account for.

    Example:
        >>> rows = pl.DataFrame(
        ...     {"truth": [1.0, 2.0, 3.0], "prediction": [1.0, 2.0, 4.0], "weight": 1.0}
        ... )
        >>> rows.select(r2()).item()
        0.5
    """
    return 1 - mean(ERROR**2) / mean((TRUTH - mean(TRUTH)) ** 2)


def median_absolute_error() -> pl.Expr:
    """Find the error, without its sign, that half of the weight does not exceed.

    Where exactly half of the weight lies at or below one error, it is the mean of that error and
    the next. Source: Hyndman and Fan, "Sample quantiles in statistical packages", 1996,
    definition 2.

    Example:
        >>> rows = pl.DataFrame({"truth": 0.0, "prediction": [1.0, -2.0, 4.0], "weight": 1.0})
        >>> rows.select(median_absolute_error()).item()
        2.0
    """
    error, weight = (pl.element().struct.field(name) for name in ("error", "weight"))
    share = weight.cum_sum() / weight.sum()
    lower = error.filter(share >= 0.5).first()
    upper = error.filter(share > 0.5 + sys.float_info.epsilon).first()
    rows = pl.struct(ERROR.abs().alias("error"), WEIGHT.alias("weight")).filter(PRESENT)
    ordered = rows.sort_by(ERROR.abs().filter(PRESENT)).implode()
    return ordered.list.agg(lower + (upper - lower) / 2)


MAE, MSE, BIAS, MAPE = mean(ERROR.abs()), mean(ERROR**2), mean(ERROR), mean((ERROR / TRUTH).abs())
R2 = r2()

METRICS = (
    Metric(
        name="mae",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=MAE,
            undefined=first_reason(NO_WEIGHT, NOT_FINITE, _overflow(MAE)),
        ),
        higher_is_better=False,
        bounds=(0, inf),
    ),
    Metric(
        name="mse",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=MSE,
            undefined=first_reason(NO_WEIGHT, NOT_FINITE, _overflow(MSE)),
        ),
        higher_is_better=False,
        bounds=(0, inf),
    ),
    Metric(
        name="rmse",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=MSE.sqrt(),
            undefined=first_reason(NO_WEIGHT, NOT_FINITE, _overflow(MSE)),
        ),
        higher_is_better=False,
        bounds=(0, inf),
    ),
    Metric(
        name="r2",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=R2,
            undefined=first_reason(NO_WEIGHT, NOT_FINITE, NO_SPREAD, _overflow(R2)),
        ),
        higher_is_better=True,
        bounds=(-inf, 1),
    ),
    Metric(
        name="bias",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=BIAS,
            undefined=first_reason(NO_WEIGHT, NOT_FINITE, _overflow(BIAS)),
        ),
        higher_is_better=False,
        bounds=(-inf, inf),
    ),
    Metric(
        name="mape",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=MAPE,
            undefined=first_reason(NO_WEIGHT, NOT_FINITE, TRUTH_ZERO, _overflow(MAPE)),
        ),
        higher_is_better=False,
        bounds=(0, inf),
    ),
    Metric(
        name="median_absolute_error",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=median_absolute_error(),
            undefined=first_reason(NO_WEIGHT, NOT_FINITE),
        ),
        higher_is_better=False,
        bounds=(0, inf),
    ),
    Metric(
        name="max_error",
        tasks=frozenset({"regression"}),
        measure=aggregation(
            value=pl.when(PRESENT).then(ERROR.abs()).max(),
            undefined=first_reason(NO_WEIGHT, NOT_FINITE),
        ),
        higher_is_better=False,
        bounds=(0, inf),
    ),
)
