"""Metrics of how long predictions took, in milliseconds."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled
from argosy.types import Metric
from argosy_metrics import intervals, losses
from argosy_metrics.groups import Groups, Number, family
from argosy_metrics.regression import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from argosy_metrics.groups import Case, Floats, Ints

EVERY: frozenset[str] = frozenset({"binary", "multiclass", "regression"})
WEIGHTY, TIMED, ODD = 1, 2, 4
"""Bits of the flags: a row has weight, one has a latency, one is negative or infinite."""


@compiled
def timed(latency: Floats, weight: Floats, starts: Ints, lengths: Ints) -> tuple[Floats, Ints]:
    """Return the weights of rows that have a latency, 0 for others, and the flags of the groups."""
    kept, flags = np.zeros(len(weight)), np.zeros(len(lengths), np.int64)
    for group in range(len(lengths)):
        for k in range(starts[group], starts[group] + lengths[group]):
            if weight[k] > 0.0:
                flags[group] |= WEIGHTY
                if not np.isnan(latency[k]):
                    kept[k] = weight[k]
                    flags[group] |= TIMED
                    if not 0.0 <= latency[k] < np.inf:
                        flags[group] |= ODD
    return kept, flags


def _timed(groups: Groups) -> tuple[Floats, Ints]:
    return timed(groups["latency"], groups["weight"], *groups.spans)


def _cases(flags: Ints) -> Sequence[Case]:
    return [
        (flags & WEIGHTY == 0, "all weights are zero"),
        (flags & TIMED == 0, "no row has a latency"),
        (flags & ODD > 0, "some latencies are negative or infinite"),
    ]


def _mean(groups: Groups) -> Number:
    kept, flags = groups.once(_timed)
    each = groups["latency"], kept, *groups.spans, *groups.batches
    value, alone, batched = losses.means(*each)
    variance, worth = groups.settled(alone, batched)
    error = intervals.spread(variance, value)
    interval = intervals.log(value, error, groups.quantile)
    return Number(value, _cases(flags), error, interval, worth)


def _p95(groups: Groups) -> Number:
    kept, flags = groups.once(_timed)
    return quantile(groups, groups["latency"], kept, 0.95, False, _cases(flags))


MEASURE = family({"latency_mean": _mean, "latency_p95": _p95})

METRICS = tuple(
    Metric(name, EVERY, MEASURE, False, (0, inf), needs=("latency",), batched=True)
    for name in ("latency_mean", "latency_p95")
)
