"""Metrics of binary classifiers that need no more than the confusion matrix."""

from __future__ import annotations

from argosy.kernels import aggregation
from argosy.types import Metric
from argosy_scores.rows import NO_WEIGHT, PREDICTION, TRUTH, first_reason, total

POSITIVE, CALLED = TRUTH == 1, PREDICTION == 1

HITS, REJECTIONS = total(POSITIVE & CALLED), total(~POSITIVE & ~CALLED)
ALARMS, MISSES = total(~POSITIVE & CALLED), total(POSITIVE & ~CALLED)
POSITIVES, NEGATIVES = total(POSITIVE), total(~POSITIVE)
CALLS, PASSES = total(CALLED), total(~CALLED)

METRICS = (
    Metric(
        name="precision",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=HITS / CALLS,
            undefined=first_reason(NO_WEIGHT, (CALLS == 0, "no positive predictions")),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="recall",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=HITS / POSITIVES,
            undefined=first_reason(NO_WEIGHT, (POSITIVES == 0, "no positive truths")),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="specificity",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=REJECTIONS / NEGATIVES,
            undefined=first_reason(NO_WEIGHT, (NEGATIVES == 0, "no negative truths")),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="f1",
        tasks=frozenset({"binary"}),
        measure=aggregation(
            value=2 * HITS / (POSITIVES + CALLS),
            undefined=first_reason(
                NO_WEIGHT,
                (POSITIVES + CALLS == 0, "no positive truths and no positive predictions"),
            ),
        ),
        higher_is_better=True,
        bounds=(0, 1),
    ),
    Metric(
        name="mcc",
        tasks=frozenset({"binary"}),
        # Four square roots, since the product of four totals may overflow.
        measure=aggregation(
            value=(
                (HITS / POSITIVES.sqrt() / CALLS.sqrt())
                * (REJECTIONS / NEGATIVES.sqrt() / PASSES.sqrt())
                - (ALARMS / NEGATIVES.sqrt() / CALLS.sqrt())
                * (MISSES / POSITIVES.sqrt() / PASSES.sqrt())
            ).clip(-1, 1),
            undefined=first_reason(
                NO_WEIGHT,
                ((POSITIVES == 0) | (NEGATIVES == 0), "only one class in the truth"),
                ((CALLS == 0) | (PASSES == 0), "only one class in the predictions"),
            ),
        ),
        higher_is_better=True,
        bounds=(-1, 1),
    ),
)
