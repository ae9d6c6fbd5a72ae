"""Metrics of how a binary classifier's scores order the rows.

Both metrics walk the rows in the order of their scores, adding up the weights of positives and
negatives, and read the totals at the last row of every run of equal scores. An aggregation
evaluates an expression anew wherever it is used, and would so sort once for every total. Hence
three steps, each handing a list of structs to the next: the rows, sorted once; the totals at
the ends of the runs, found once; the area under them.
"""

from __future__ import annotations

import polars as pl

from argosy.kernels import aggregation
from argosy.types import Metric
from argosy_scores.confusion import NEGATIVES, POSITIVE, POSITIVES
from argosy_scores.rows import NO_WEIGHT, WEIGHT, first_reason, missing

SCORE = pl.col("score")

POSITIVES_SO_FAR, NEGATIVES_SO_FAR = (
    pl.element().struct.field(name) for name in ("positive", "negative")
)


def _curve(descending: bool) -> pl.Expr:
    """Aggregate to the list of totals at every threshold, from one end of the scores."""
    rows = pl.struct(
        SCORE.alias("score"),
        pl.when(POSITIVE).then(WEIGHT).otherwise(0.0).alias("positive"),
        pl.when(POSITIVE).then(0.0).otherwise(WEIGHT).alias("negative"),
    )
    score = pl.element().struct.field("score")
    totals = pl.struct(POSITIVES_SO_FAR.cum_sum(), NEGATIVES_SO_FAR.cum_sum())
    last_of_its_run = score.ne_missing(score.shift(-1))
    ordered = rows.sort_by(SCORE, descending=descending).implode()
    return ordered.list.eval(totals.filter(last_of_its_run))


def _steps(totals: pl.Expr) -> pl.Expr:
    return totals - totals.shift(1, fill_value=0.0)


def auc() -> pl.Expr:
    """Measure the area under the ROC curve.

    It is the probability, by weight, that a positive row scores higher than a negative one, a
    tie counting half. Source: Hanley and McNeil, Radiology 143 (1982).

    Example:
        >>> rows = pl.DataFrame(
        ...     {"truth": [0.0, 0.0, 1.0, 1.0], "score": [0.1, 0.4, 0.4, 0.8], "weight": 1.0}
        ... )
        >>> rows.select(auc()).item()
        0.875
    """
    recalls = _steps(POSITIVES_SO_FAR) / POSITIVES_SO_FAR.last()
    beaten = (NEGATIVES_SO_FAR - _steps(NEGATIVES_SO_FAR) / 2) / NEGATIVES_SO_FAR.last()
    # Rounding can carry a sum of shares a hair above one.
    return _curve(descending=False).list.agg((recalls * beaten).sum()).clip(0, 1)


def average_precision() -> pl.Expr:
    """Average the precision over the positive rows, each at its own score as the threshold.

    This is the step-wise sum of precision times the increase in recall, without interpolation.
    Source: Zhu, "Recall, precision and average precision", 2004.

    Example:
        >>> rows = pl.DataFrame(
        ...     {"truth": [0.0, 0.0, 1.0, 1.0], "score": [0.1, 0.4, 0.35, 0.8], "weight": 1.0}
        ... )
        >>> round(rows.select(average_precision()).item(), 4)
        0.8333
    """
    gain = _steps(POSITIVES_SO_FAR)
    precision = POSITIVES_SO_FAR / (POSITIVES_SO_FAR + NEGATIVES_SO_FAR)
    # Rows of weight zero may come first: there is no precision yet, and nothing gained.
    area = pl.when(gain > 0).then(gain / POSITIVES_SO_FAR.last() * precision).otherwise(0.0)
    return _curve(descending=True).list.agg(area.sum()).clip(0, 1)  # as above


METRICS = (
    Metric(
        name="auc",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=auc(),
            undefined=first_reason(
                NO_WEIGHT,
                *missing(SCORE),
                ((POSITIVES == 0) | (NEGATIVES == 0), "only one class in the truth"),
            ),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="average_precision",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=average_precision(),
            undefined=first_reason(
                NO_WEIGHT, *missing(SCORE), (POSITIVES == 0, "no positive truths")
            ),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
)
