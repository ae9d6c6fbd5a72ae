"""Loops over the rows of one group, once for every part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_metrics.groups import Floats, Ints

    Bits = NDArray[np.uint8]


@compiled
def cells(truth: Floats, prediction: Floats, weight: Floats, inside: Bits) -> Floats:
    """Add up weights where truth and prediction are 1 or not, as `agreement.cells` does.

    Returns:
        Shape (4, 2, parts): the cells, of the part and of the rest.

    Example:
        >>> one, zero = np.ones(2), np.zeros(2)
        >>> cells(one, zero, one, np.array([[1, 0]], np.uint8))[2].tolist()
        [[1.0], [1.0]]
    """
    parts, rows = inside.shape
    found = np.zeros((4, 2, parts))
    cell = np.empty(rows, np.int64)
    for k in range(rows):
        cell[k] = 2 * (truth[k] == 1.0) + (prediction[k] == 1.0)
    sums = np.empty(8)
    for part in range(parts):
        sums[:] = 0.0
        for k in range(rows):
            sums[2 * cell[k] + 1 - inside[part, k]] += weight[k]
        for c in range(4):
            found[c, 0, part], found[c, 1, part] = sums[2 * c], sums[2 * c + 1]
    return found


@compiled
def means(numbers: Floats, weight: Floats, inside: Bits) -> Floats:
    """Average numbers of rows by weight.

    Args:
        numbers: shape (kinds, rows).
        weight: at least 0, shape (rows,).
        inside: 1 where a row is of a part, shape (parts, rows).

    Returns:
        Shape (kinds, 2, parts): of the part and of the rest; NaN where nothing has weight.

    Example:
        >>> means(np.array([[1.0, 3.0, 5.0]]), np.ones(3), np.array([[1, 0, 0]], np.uint8)).tolist()
        [[[1.0], [4.0]]]
    """
    kinds, rows = numbers.shape
    parts = len(inside)
    found = np.empty((kinds, 2, parts))
    for part in range(parts):
        own = other = 0.0
        for k in range(rows):
            own += weight[k] * inside[part, k]
            other += weight[k] * (1 - inside[part, k])
        for kind in range(kinds):
            one = two = 0.0
            for k in range(rows):
                if weight[k] > 0.0:
                    number = weight[k] * numbers[kind, k]
                    one += number * inside[part, k]
                    two += number * (1 - inside[part, k])
            found[kind, 0, part] = one / own if own > 0.0 else np.nan
            found[kind, 1, part] = two / other if other > 0.0 else np.nan
    return found


@compiled
def curves(truth: Floats, score: Floats, weight: Floats, places: Ints, inside: Bits) -> Floats:
    """Measure the area under the ROC curve and the average precision, as `curves.curves` does.

    Args:
        truth: positive where it is 1.
        score: not NaN where the weight is above zero.
        weight: at least 0.
        places: rows from the highest score to the lowest.
        inside: 1 where a row is of a part, shape (parts, rows).

    Returns:
        Shape (2, 2, parts): the metric, of the part and of the rest; NaN without a positive, and
        of the area without a negative.

    Example:
        >>> truth, score, weight = np.array([1.0, 0.0]), np.array([0.9, 0.1]), np.ones(2)
        >>> both = np.array([[1, 1]], np.uint8)
        >>> curves(truth, score, weight, np.array([0, 1]), both)[:, 0].tolist()
        [[1.0], [1.0]]
    """
    parts, rows = inside.shape
    found = np.full((2, 2, parts), np.nan)
    own = np.empty(rows)
    yes = np.empty(rows, np.uint8)
    ends = np.empty(rows, np.uint8)  # of a run of equal scores
    for k in range(rows):
        own[k] = weight[places[k]]
        yes[k] = truth[places[k]] == 1.0
        ends[k] = k == rows - 1 or score[places[k]] != score[places[k + 1]]
    up, down, area, precision = np.empty(2), np.empty(2), np.empty(2), np.empty(2)
    p, q = np.empty(2), np.empty(2)
    for part in range(parts):
        for totals in (up, down, area, precision, p, q):
            totals[:] = 0.0
        for k in range(rows):
            side = 1 - inside[part, places[k]]
            if yes[k]:
                p[side] += own[k]
            else:
                q[side] += own[k]
            if ends[k]:
                for s in range(2):
                    if p[s] + q[s] > 0.0:
                        area[s] += q[s] * (up[s] + p[s] / 2.0)
                        up[s] += p[s]
                        down[s] += q[s]
                        if p[s] > 0.0:
                            precision[s] += p[s] * up[s] / (up[s] + down[s])
                        p[s] = 0.0
                        q[s] = 0.0
        for s in range(2):
            if up[s] > 0.0:
                found[1, s, part] = precision[s] / up[s]
                if down[s] > 0.0:
                    found[0, s, part] = area[s] / up[s] / down[s]
    return found
