"""Metrics of many parts of a group's rows at once, as permutations of a slice's labels ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy_metrics import losses, part_loops
from argosy_metrics.decisions import RECIPES, tallied
from argosy_metrics.groups import Groups
from argosy_metrics.probabilities import EPSILON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_metrics.groups import Floats

    Bits = NDArray[np.uint8]

_CURVES = {"auc": 0, "average_precision": 1, "gini": 0}


def of_decisions(group: pa.Table, inside: Bits, names: Sequence[str]) -> Floats | None:
    """Measure what a binary classifier decided, of parts and of the rest; see `MeasureParts`.

    Example:
        >>> import pyarrow as pa
        >>> rows = {"truth": [[1.0, 1.0, 0.0]], "prediction": [[1.0, 0.0, 0.0]]}
        >>> group = pa.table({"task": ["binary"], **rows, "weight": [[1.0, 1.0, 1.0]]})
        >>> of_decisions(group, np.array([[1, 0, 1]], np.uint8), ["accuracy"]).tolist()
        [[[1.0], [0.0]]]
    """
    if group["task"][0].as_py() != "binary":
        return None
    groups = Groups(group)
    sums = part_loops.cells(*groups.columns, inside)
    measured = tallied(sums.reshape(4, -1))
    found = np.empty((len(names), 2, len(inside)))
    for place, name in enumerate(names):
        number = RECIPES[name](measured)
        value = number.value.copy()
        for undefined, _ in number.cases:
            value[undefined] = np.nan
        found[place] = value.reshape(2, -1)
    return found


def of_scores(group: pa.Table, inside: Bits, names: Sequence[str]) -> Floats | None:
    """Measure the order of the scores of class 1, of parts and of the rest."""
    if group["task"][0].as_py() != "binary":
        return None
    groups = Groups(group)
    places = np.argsort(groups["score"], kind="stable")[::-1].copy()
    columns = groups["truth"], groups["score"], groups["weight"]
    found = part_loops.curves(*columns, places, inside)
    chosen: Floats = found[[_CURVES[name] for name in names]]
    for place, name in enumerate(names):
        if name == "gini":
            chosen[place] = 2 * chosen[place] - 1
    return chosen


def of_probabilities(group: pa.Table, inside: Bits, names: Sequence[str]) -> Floats | None:
    """Measure losses of the probability of class 1, of parts and of the rest."""
    if group["task"][0].as_py() != "binary":
        return None
    groups = Groups(group)
    each: dict[str, Callable[[], Floats]] = {
        "log_loss": lambda: losses.surprise(groups["truth_score"], EPSILON),
        "brier": lambda: losses.squared_distance(groups["truth"], groups["score"]),
    }
    return _means(groups, inside, [each[name]() for name in names])


def of_errors(group: pa.Table, inside: Bits, names: Sequence[str]) -> Floats | None:
    """Measure the errors of a regression that are means of rows, of parts and of the rest."""
    groups = Groups(group)
    miss = groups["prediction"] - groups["truth"]
    each: dict[str, Callable[[], Floats]] = {
        "mae": lambda: np.abs(miss),
        "mse": lambda: miss**2,
        "rmse": lambda: miss**2,
        "bias": lambda: miss,
    }
    found = _means(groups, inside, [each[name]() for name in names])
    for place, name in enumerate(names):
        if name == "rmse":
            found[place] = np.sqrt(found[place])
    return found


def _means(groups: Groups, inside: Bits, each: list[Floats]) -> Floats:
    return part_loops.means(np.stack(each), groups["weight"], inside)
