"""Metrics of classifiers of any number of classes, and the Brier score of binary ones.

Rounding can carry an average a hair past its bounds, hence the `clip` that ends some values.
"""

from __future__ import annotations

import sys
from math import log

import polars as pl

from argosy.kernels import aggregation
from argosy.types import Metric
from argosy_scores.rows import (
    NO_WEIGHT,
    PREDICTION,
    PRESENT,
    TRUTH,
    WEIGHT,
    first_reason,
    improbable,
    mean,
    missing,
    total,
)

EPSILON = sys.float_info.epsilon
WORST = -log(EPSILON)
HIT = TRUTH == PREDICTION
SCORE = pl.col("score")
TRUTH_SCORE = pl.col("truth_score")

# A sum over classes needs a grouping inside the rows of one model. An aggregation allows no
# window, but the elements of a list do: so the rows become one list of structs.
ROWS = (
    pl.struct(
        TRUTH.alias("truth"),
        PREDICTION.alias("prediction"),
        WEIGHT.alias("weight"),
        pl.when(HIT).then(WEIGHT).otherwise(0.0).alias("hit"),
    )
    .filter(PRESENT)
    .implode()
)


def _field(name: str) -> pl.Expr:
    return pl.element().struct.field(name)


def balanced_accuracy() -> pl.Expr:
    """Average the recall of every class that occurs in the truth.

    Every row adds its share of its class's weight if it is a hit; the sum is divided by the
    number of classes. Source: Brodersen et al., "The balanced accuracy and its posterior
    distribution", ICPR 2010.

    Example:
        >>> rows = pl.DataFrame(
        ...     {"truth": [0.0, 0.0, 0.0, 2.0], "prediction": [0.0, 0.0, 0.0, 1.0], "weight": 1.0}
        ... )
        >>> rows.select(balanced_accuracy()).item()
        0.5
    """
    share = _field("hit") / _field("weight").sum().over(_field("truth"))
    return ROWS.list.agg(share.sum() / _field("truth").n_unique()).clip(0, 1)


def f1_macro() -> pl.Expr:
    """Average the F1 score of every class that occurs in the truth or in the predictions.

    F1 of a class is twice the weight of its hits over the weight of its truths and of its
    predictions. On a hit both are the weight of the row's own class, so the sum over hits is
    the sum over classes. Source: Opitz and Burst, "Macro F1 and Macro F1", 2019, the average of
    F1 scores.

    Example:
        >>> rows = pl.DataFrame(
        ...     {"truth": [0.0, 1.0, 2.0], "prediction": [0.0, 1.0, 1.0], "weight": 1.0}
        ... )
        >>> round(rows.select(f1_macro()).item(), 4)
        0.5556
    """
    truths = _field("weight").sum().over(_field("truth"))
    predictions = _field("weight").sum().over(_field("prediction"))
    classes = _field("truth").append(_field("prediction")).n_unique()
    share = 2 * _field("hit") / (truths + predictions)
    return ROWS.list.agg(share.sum() / classes).clip(0, 1)


METRICS = (
    Metric(
        name="accuracy",
        tasks=frozenset({"binary", "multiclass"}),
        measure=aggregation(
            value=total(HIT) / WEIGHT.sum(),
            undefined=first_reason(NO_WEIGHT),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="balanced_accuracy",
        tasks=frozenset({"binary", "multiclass"}),
        measure=aggregation(
            value=balanced_accuracy(),
            undefined=first_reason(NO_WEIGHT),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="f1_macro",
        tasks=frozenset({"binary", "multiclass"}),
        measure=aggregation(
            value=f1_macro(),
            undefined=first_reason(NO_WEIGHT),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="log_loss",
        tasks=frozenset({"binary", "multiclass"}),
        measure=aggregation(
            value=mean(-TRUTH_SCORE.clip(EPSILON, 1 - EPSILON).log()).clip(0, WORST),
            undefined=first_reason(NO_WEIGHT, *missing(TRUTH_SCORE), improbable(TRUTH_SCORE)),
        ),
        higher_is_better=False,
        bounds=(0, WORST),
    ),
    Metric(
        name="brier",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=mean((SCORE.clip(0, 1) - (TRUTH == 1)) ** 2),
            undefined=first_reason(NO_WEIGHT, *missing(SCORE), improbable(SCORE)),
        ),
        higher_is_better=False,
        bounds=(0, 1),
    ),
)
