"""The metrics of classifiers: one family, because all of them need the same of the rows."""

from __future__ import annotations

from math import inf
from typing import Any

from argosy.types import Metric
from argosy_metrics import decisions, parts, probabilities, ranking
from argosy_metrics.groups import family
from argosy_metrics.shares import shares

BOTH: frozenset[str] = frozenset({"binary", "multiclass"})
BINARY: frozenset[str] = frozenset({"binary"})

MEASURE = family({**decisions.RECIPES, **ranking.RECIPES, **probabilities.RECIPES})


def _metric(
    name: str,
    tasks: frozenset[str] = BINARY,
    bounds: tuple[float, float] = (0, 1),
    higher: bool = True,
    default: bool = True,
    **more: Any,  # noqa: ANN401
) -> Metric:
    return Metric(name, tasks, MEASURE, higher, bounds, default=default, batched=True, **more)


_RATE: dict[str, Any] = {"moves_with_base_rate": True}
_SHARE: dict[str, Any] = {"counts": shares, "parts": parts.of_decisions}
_CLASSES: dict[str, Any] = {"parts": parts.of_decisions}
_AREA: dict[str, Any] = {"parts": parts.of_scores}
_LOSS: dict[str, Any] = {"parts": parts.of_probabilities}

METRICS = (
    _metric("accuracy", BOTH, **_SHARE, **_RATE),
    _metric("balanced_accuracy", BOTH, **_CLASSES),
    _metric("f1_macro", BOTH, **_CLASSES, **_RATE),
    _metric("mcc", BOTH, (-1, 1), **_CLASSES, **_RATE),
    _metric("precision", **_SHARE, **_RATE),
    _metric("recall", **_SHARE),
    _metric("specificity", **_SHARE),
    _metric("f1", **_CLASSES, **_RATE),
    _metric("fbeta", default=False, **_CLASSES, **_RATE),
    *(
        _metric(
            name,
            bounds=(0, inf),
            higher=name.startswith("true"),
            default=False,
            counted=True,
            **_RATE,
        )
        for name in ("true_positives", "false_positives", "true_negatives", "false_negatives")
    ),
    _metric("auc", BOTH, on_logits=True, **_AREA),
    _metric("average_precision", **_AREA, **_RATE),
    _metric("gini", bounds=(-1, 1), default=False, on_logits=True, **_AREA),
    _metric("ks", default=False),
    _metric("lift", bounds=(0, inf), default=False, **_RATE),
    _metric("log_loss", BOTH, (0, probabilities.WORST), higher=False, **_LOSS, **_RATE),
    _metric("brier", BOTH, (0, 2), higher=False, **_LOSS, **_RATE),
    _metric("expected_calibration_error", BOTH, higher=False, default=False, **_RATE),
)
