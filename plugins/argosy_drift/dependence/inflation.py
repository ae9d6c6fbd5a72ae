"""Tell how much rows that depend on each other are worth.

The variance of a sum over rows is that of as many independent ones times a number, tau, so that n
rows are worth n / tau. It is estimated from ranks and from their distance from the middle, by the
larger of two ways: Sokal's sum over lags, which ends where it has gone five times as far as what it
has come to, and that of a first-order autoregression, with the bias of its first lag mended. Rows
of one time are added up first. Then the same is done with sums per calendar day, which count where
they vary more than the rows' tau explains, or depend on each other. Clusters give a tau of their
own, the variance of their sums; the larger one holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled
from argosy_drift.dependence.lag_sums import HEAD, LEAST, WINDOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.kernels import Ragged

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SHORT = 500
"""Rows below which a window's own dependence is not looked at where its reference's is known."""
_FIVE_PERCENT = 1.645
"""How many standard deviations a normal number exceeds in one of twenty cases."""
_FAR = 5.0
"""How much a tau is enlarged that rests on days: by this over their degrees of freedom.

A variance that is estimated from few days makes tails longer: far out, where a fleet's alerts
begin, as by 8.5 were it all that is estimated. With 5 hardly one clean model of a hundred alerts
(20 days a side, 5 % of the variance in common; without it 2.7 %).
"""


def pooled(reference: Ragged, current: Ragged) -> Floats:
    """Estimate tau of pairs of lists from the records of both.

    Args:
        reference: a record of each; an empty one where nothing is known.
        current: likewise. Where it has few rows, the reference's alone is taken.

    Returns:
        Numbers of at least 1, shape (pairs,); NaN where neither record says anything. A side with
        fewer than `LEAST` clusters is worth no more rows than it has clusters.

    Source: Sokal, "Monte Carlo methods in statistical mechanics" (1989).

    Example:
        >>> from argosy.kernels import Ragged
        >>> from argosy_drift.dependence.lag_records import records
        >>> from argosy_drift.dependence.row_order import RowOrder
        >>> x = np.repeat(np.random.default_rng(0).normal(size=1000), 5)
        >>> order = RowOrder.of(np.array([5000]), np.arange(5000) // 5)
        >>> nothing = Ragged.of(np.zeros(0), np.zeros(1, np.int64))
        >>> float(pooled(Ragged.of(*records(x, order)), nothing).round(2)[0])
        5.25
    """
    return _pooled(
        *(reference.values, reference.starts, reference.lengths),
        *(current.values, current.starts, current.lengths),
    )


@compiled
def _pooled(
    before: Floats,
    before_starts: Ints,
    before_lengths: Ints,
    after: Floats,
    after_starts: Ints,
    after_lengths: Ints,
) -> Floats:
    found = np.full(len(before_lengths), np.nan)
    taken = np.zeros(2, np.bool_)
    for row in range(len(found)):
        first = before[before_starts[row] : before_starts[row] + before_lengths[row]]
        second = after[after_starts[row] : after_starts[row] + after_lengths[row]]
        worth = np.nan
        by_level = np.full(3, np.nan)
        for part in range(2):
            by_time = np.nan
            for level in range(2):
                # a side speaks where it has a record with this part, and rows enough
                pieces = many = squares = 0.0
                begins = np.zeros(2, np.int64)
                ends = np.zeros(2, np.int64)
                for side in range(2):
                    own = first if side == 0 else second
                    taken[side] = len(own) > 0 and part < own[5] and own[6 + level] > 1
                    if side == 1 and taken[0] and taken[1] and own[0] < SHORT:
                        taken[1] = first[2] < LEAST
                    if not taken[side]:
                        continue
                    pieces += own[1]
                    many += own[2 + level]
                    squares += own[HEAD + 2 * part]
                    begin = HEAD + 2 * np.int64(own[5])
                    if level == 1:
                        begin += np.int64(own[5]) * np.int64(own[6])
                    begin += part * np.int64(own[6 + level])
                    begins[side], ends[side] = begin, begin + np.int64(own[6 + level])
                if many < LEAST:
                    continue
                total = 0.0
                if taken[0]:
                    total += first[begins[0]]
                if taken[1]:
                    total += second[begins[1]]
                if not total > 0 or not squares > 0:  # nothing varies
                    if level == 0:
                        by_time = 1.0
                    continue
                sokal, near = 1.0, 0.0
                lag = 1
                while True:
                    products = weight = 0.0
                    if taken[0] and begins[0] + lag < ends[0]:
                        products += first[begins[0] + lag]
                        weight += first[begins[0]]
                    if taken[1] and begins[1] + lag < ends[1]:
                        products += second[begins[1] + lag]
                        weight += second[begins[1]]
                    if weight == 0:
                        break
                    if lag == 1:
                        near = products / weight
                    sokal += 2 * products / weight
                    if lag >= WINDOW * sokal:
                        break
                    lag += 1
                mended = near + (1 + 3 * near) * pieces / many
                ratio = total / squares
                first_order = (1 + mended) / (1 - mended) if mended < 1 else np.inf
                tau = max(ratio * max(sokal, first_order), 1.0)
                if level == 0:
                    by_time = tau
                else:
                    freedom = many - pieces
                    spread = 2 / (9 * freedom)
                    bound = (1 - spread + _FIVE_PERCENT * np.sqrt(spread)) ** 3
                    explained = by_time if by_time == by_time else 1.0
                    varies = ratio / explained * many / freedom > bound
                    if varies or near * np.sqrt(many) > _FIVE_PERCENT:
                        by_time = max(explained, tau * (1 + _FAR / freedom))
            if by_time == by_time and not by_level[0] >= by_time:
                by_level[0] = by_time
            groups = grouped = squares = pieces = 0.0
            for side in range(2):
                own = first if side == 0 else second
                if len(own) == 0 or part >= own[5] or own[4] == 0:
                    continue
                bound = own[0] / own[4]
                if own[4] < LEAST and not by_level[1] >= bound:
                    by_level[1] = bound
                groups += own[4]
                pieces += own[1]
                squares += own[HEAD + 2 * part]
                grouped += own[HEAD + 2 * part + 1]
            if groups > pieces and squares > 0:
                tau = max(grouped / squares * groups / (groups - pieces), 1.0)
                if not by_level[2] >= tau:
                    by_level[2] = tau
            elif groups > 0 and not by_level[2] >= 1:
                by_level[2] = 1.0
        for level in range(3):
            if by_level[level] == by_level[level] and not worth >= by_level[level]:
                worth = by_level[level]
        if worth == worth:  # rows are worth one at least
            most = 1.0
            if len(first):
                most = max(most, first[0])
            if len(second):
                most = max(most, second[0])
            worth = min(max(worth, 1.0), most)
        found[row] = worth
    return found
