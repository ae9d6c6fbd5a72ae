"""The loops that add up errors, group by group, in the order of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

COUNT, ABSOLUTE, SQUARED, SIGNED, TRUTH, SYMMETRIC, SCALED_COUNT, SCALED = range(8)
"""The first axis of what `errors` adds up."""


@compiled
def errors(
    truth: Floats, guess: Floats, scale: Floats, used: Flags, starts: Ints, lengths: Ints
) -> Floats:
    """Add up what the metrics of single numbers are made of.

    Args:
        truth: what came true.
        guess: what was forecast.
        scale: MASE's denominator of each row, NaN where there is none.
        used: which rows count.
        starts: where each group begins.
        lengths: how many rows it has.

    Returns:
        Shape (8, groups): rows; their errors absolute, squared and signed; the size of the truth;
        twice the error over the sum of both sizes, 0 at 0/0; rows with a scale; errors over it.

    Example:
        >>> rows = np.array([1.0, 0.0]), np.array([3.0, 0.0]), np.array([4.0, np.nan])
        >>> errors(*rows, np.ones(2, bool), np.array([0]), np.array([2])).ravel().tolist()
        [2.0, 2.0, 4.0, 2.0, 1.0, 1.0, 1.0, 0.5]
    """
    found = np.zeros((8, len(starts)))
    for group in range(len(starts)):
        for row in range(starts[group], starts[group] + lengths[group]):
            if not used[row]:
                continue
            off = guess[row] - truth[row]
            size = abs(off)
            both = abs(guess[row]) + abs(truth[row])
            found[0, group] += 1
            found[1, group] += size
            found[2, group] += off * off
            found[3, group] += off
            found[4, group] += abs(truth[row])
            if both > 0:
                found[5, group] += 2 * (size / both)
            if not np.isnan(scale[row]):
                found[6, group] += 1
                found[7, group] += size / scale[row]
    return found


@compiled
def pinballs(
    truth: Floats, quantiles: Floats, levels: Floats, used: Flags, starts: Ints, lengths: Ints
) -> Floats:
    """Add up the pinball loss of every level.

    Args:
        truth: what came true.
        quantiles: shape (rows, levels).
        levels: of the quantiles.
        used: which rows count.
        starts: where each group begins.
        lengths: how many rows it has.

    Returns:
        Shape (levels, groups).

    Source: Koenker and Bassett, Econometrica 46 (1978).

    Example:
        >>> above = np.array([[3.0]])
        >>> one = np.ones(1, bool), np.array([0]), np.array([1])
        >>> pinballs(np.array([1.0]), above, np.array([0.75]), *one).tolist()
        [[0.5]]
    """
    found = np.zeros((len(levels), len(starts)))
    for group in range(len(starts)):
        for row in range(starts[group], starts[group] + lengths[group]):
            if used[row]:
                for place in range(len(levels)):
                    under = truth[row] - quantiles[row, place]
                    share = levels[place] if under >= 0 else levels[place] - 1
                    found[place, group] += share * under
    return found


@compiled
def intervals(
    truth: Floats,
    quantiles: Floats,
    low: Ints,
    high: Ints,
    outside: Floats,
    used: Flags,
    starts: Ints,
    lengths: Ints,
) -> Floats:
    """Add up how often intervals hold the truth, and Winkler's score of them.

    Args:
        truth: what came true.
        quantiles: shape (rows, levels).
        low: which quantile each interval begins at.
        high: which one it ends at.
        outside: what share of the truth is to lie outside each interval.
        used: which rows count.
        starts: where each group begins.
        lengths: how many rows it has.

    Returns:
        Shape (2, intervals, groups): rows inside, and the scores.

    Source: Winkler, Journal of the American Statistical Association 67 (1972).

    Example:
        >>> one = np.ones(1, bool), np.array([0]), np.array([1])
        >>> ends = np.array([0]), np.array([1]), np.array([0.5])
        >>> intervals(np.array([4.0]), np.array([[1.0, 3.0]]), *ends, *one).ravel().tolist()
        [0.0, 6.0]
    """
    found = np.zeros((2, len(low), len(starts)))
    for group in range(len(starts)):
        for row in range(starts[group], starts[group] + lengths[group]):
            if used[row]:
                for place in range(len(low)):
                    bottom, top = quantiles[row, low[place]], quantiles[row, high[place]]
                    beyond = max(bottom - truth[row], truth[row] - top, 0.0)
                    inside = bottom <= truth[row] <= top
                    found[0, place, group] += 1.0 if inside else 0.0
                    found[1, place, group] += top - bottom + 2 * beyond / outside[place]
    return found


@compiled
def whole(quantiles: Floats) -> Flags:
    """Say which rows have a finite number for every level.

    Example:
        >>> whole(np.array([[1.0, 2.0], [1.0, np.nan]])).tolist()
        [True, False]
    """
    found = np.ones(len(quantiles), np.bool_)
    for row in range(len(quantiles)):
        for place in range(quantiles.shape[1]):
            found[row] = found[row] and np.isfinite(quantiles[row, place])
    return found
