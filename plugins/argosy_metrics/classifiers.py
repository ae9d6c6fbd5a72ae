"""The metrics of classifiers: one family, because all of them need the same of the rows."""

from __future__ import annotations

from math import inf

from argosy.types import Metric
from argosy_metrics import decisions, probabilities, ranking
from argosy_metrics.groups import family

BOTH: frozenset[str] = frozenset({"binary", "multiclass"})
BINARY: frozenset[str] = frozenset({"binary"})

MEASURE = family({**decisions.RECIPES, **ranking.RECIPES, **probabilities.RECIPES})


def _metric(
    name: str,
    tasks: frozenset[str] = BINARY,
    bounds: tuple[float, float] = (0, 1),
    higher: bool = True,
    default: bool = True,
) -> Metric:
    return Metric(name, tasks, MEASURE, higher, bounds, default=default)


METRICS = (
    _metric("accuracy", BOTH),
    _metric("balanced_accuracy", BOTH),
    _metric("f1_macro", BOTH),
    _metric("mcc", BOTH, (-1, 1)),
    _metric("precision"),
    _metric("recall"),
    _metric("specificity"),
    _metric("f1"),
    _metric("fbeta", default=False),
    *(
        _metric(name, bounds=(0, inf), higher=name.startswith("true"), default=False)
        for name in ("true_positives", "false_positives", "true_negatives", "false_negatives")
    ),
    _metric("auc", BOTH),
    _metric("average_precision"),
    _metric("gini", bounds=(-1, 1), default=False),
    _metric("ks", default=False),
    _metric("lift", bounds=(0, inf), default=False),
    _metric("log_loss", BOTH, (0, probabilities.WORST), higher=False),
    _metric("brier", BOTH, (0, 2), higher=False),
    _metric("expected_calibration_error", BOTH, higher=False, default=False),
)
