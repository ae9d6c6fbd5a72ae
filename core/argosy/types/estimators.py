"""Estimators: how well models do before their labels are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class FitEstimator(Protocol):
    """Learn from rows whose truth is known."""

    def __call__(self, labelled: pa.Table, /) -> pa.Table:
        """Return one row per model, in order: whatever columns `estimate` needs, and `reason`.

        `reason` is null unless the model cannot be fitted.

        Args:
            labelled: one row per model whose truth is known: `model`, `version`, `task`, and the
                lists of float64 `truth`, `prediction` and `score` (codes and probabilities as
                `MeasureMetrics` has them; a score, or the whole list, is null if the model gave
                none), and where the data has a timestamp or clusters `batch`, as it has that too.
        """
        ...


class EstimateMetrics(Protocol):
    """Estimate metrics of rows whose truth is not known yet."""

    def __call__(self, unlabelled: pa.Table, /) -> pa.Table:
        """Return one row per model, in order, with one column per metric.

        A column is a struct of `value`, `lower`, `upper` (float64) and `reason` (null unless
        undefined; then the numbers are null); one that heeds `batch` may add `n_effective`, how
        many independent rows the current ones are worth. The band from `lower` to `upper` holds
        the realised value in 95 of 100 samples.

        Args:
            unlabelled: the rows of `fit` that have no reason, with `model`, `version`, `task` and
                the lists `prediction` and `score` of rows without labels.
        """
        ...


@dataclass(frozen=True, slots=True)
class Estimator:
    """How well models do before their labels are there, estimated from their predictions."""

    name: str
    """What users type; lowercase."""
    tasks: frozenset[str]
    """The names of the tasks it applies to."""
    metrics: tuple[str, ...]
    """The metrics that it estimates, named as the metrics themselves."""
    fit: FitEstimator
    """Learn from rows whose truth is known."""
    estimate: EstimateMetrics
    """Estimate for rows whose truth is not known yet."""
    default: bool = True
    """Whether it takes part where nobody names any: of what comes with argosy. What is installed
    besides waits until the option `plugins.defaults` names it."""
    batched: bool = False
    """Whether its bands heed the column `batch` of the rows that it learns from.

    Where they do not, nothing is estimated of models whose rows may depend on each other.
    """
