"""What lists of categories keep of how these depend on each other in time.

The record is that of `lag_sums`, with one part: the products are those of the indicators of all
categories, added up. Rows of a time, whose categories are counted, are as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled
from argosy_drift.dependence.lag_sums import HEAD, MOST_LAGS, WINDOW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Places = NDArray[np.int32]

MOST = 16
"""Categories that are told apart; those that a list has after so many count as one."""


@compiled
def code_sums(
    codes: Places,
    lengths: Ints,
    places: Places,
    units: Places,
    days: Places,
    clusters: Places,
    timed: bool,
) -> tuple[Floats, Ints]:
    """Add up products over lags, for every list.

    Args:
        codes: the number of each element's category in its list, -1 where it is missing.
        lengths: how many elements each list has.
        places: as in `argosy_drift.dependence.row_order.RowOrder`, as the four that follow.
        units: the same.
        days: the same.
        clusters: the same.
        timed: whether the order is one of time.

    Returns:
        The records, end to end, and how long each is.
    """
    sizes = np.zeros(len(lengths), np.int64)
    longest = 0
    for length in lengths:
        longest = max(longest, length)
    room = HEAD + 2 + 2 * (min(longest // 2, MOST_LAGS) + 1)
    into, end = np.empty(min(len(lengths), 64) * room), 0
    own_codes = np.empty(longest, np.int32)
    weights = np.empty(longest, np.int64)
    summed = np.empty((MOST, longest))
    sums = np.empty(MOST_LAGS + 1)
    counts = np.empty(MOST, np.int64)
    start = 0
    for row in range(len(lengths)):
        n = lengths[row]
        if end + room > len(into):
            more = np.empty(2 * len(into))
            more[:end] = into[:end]
            into = more
        record = into[end : end + room]
        x, code = codes[start : start + n], own_codes[:n]
        counts[:] = 0
        known = 0
        for k in range(n):
            at = places[start + k] if len(places) else k
            code[k] = min(x[at], MOST - 1)
            if code[k] >= 0:
                counts[code[k]] += 1
                known += 1
        pairs = 0  # of equal elements
        for c in range(MOST):
            pairs += counts[c] * counts[c]
        whole = 0
        for k in range(n):
            weights[k] = counts[code[k]] if code[k] >= 0 else 0
            whole += weights[k]
        record[:HEAD] = 0
        record[0], record[1], record[5] = known, 1, 1
        record[HEAD] = known - pairs / max(known, 1)
        record[HEAD + 1] = 0.0
        place = HEAD + 2
        for level in range(3):
            of = units if level == 0 else days if level == 1 else clusters
            single = len(of) == 0
            if single and not (level == 0 and timed):
                continue
            many = n
            if not single:
                many = 0
                number = of[start : start + n]
                for k in range(n):
                    many = max(many, number[k] + 1)
                summed[:, :many] = 0
                for k in range(n):
                    if number[k] >= 0 and code[k] >= 0:
                        summed[code[k], number[k]] += 1
                for k in range(many):
                    rows = 0.0
                    for c in range(MOST):
                        rows += summed[c, k]
                    for c in range(MOST):
                        summed[c, k] -= rows * counts[c] / known
            record[2 + level] = many
            if level == 2:
                for k in range(many):
                    for c in range(MOST):
                        record[HEAD + 1] += summed[c, k] ** 2
                continue
            if many < 2 or known == 0:
                continue
            furthest = min(many // 2, MOST_LAGS)
            sokal, lag = 1.0, 0
            first = last = 0
            while lag <= furthest:
                value = 0.0
                if single and known == n:
                    equal = np.int32(0)
                    for k in range(n - lag):
                        equal += np.int32(code[k] == code[k + lag])
                    if lag:
                        first += weights[lag - 1]
                        last += weights[n - lag]
                    value = equal - (2 * whole - first - last) / known
                    value += (n - lag) * (pairs / known / known)
                elif single:
                    both = weight = 0
                    for k in range(n - lag):
                        if code[k] >= 0 and code[k + lag] >= 0:
                            both += 1
                            value += code[k] == code[k + lag]
                            weight += weights[k] + weights[k + lag]
                    value += both * (pairs / known / known) - weight / known
                else:
                    for c in range(MOST):
                        if counts[c] == 0:
                            continue
                        for k in range(many - lag):
                            value += summed[c, k] * summed[c, k + lag]
                sums[lag] = value
                if lag and sums[0] > 0:
                    sokal += 2 * value / sums[0]
                lag += 1
                if lag > 1 and not (lag - 1 < WINDOW * sokal and sokal * 16 < many):
                    break
            record[6 + level] = lag
            record[place : place + lag] = sums[:lag]
            place += lag
        sizes[row] = place
        start += n
        end += place
    return into[:end], sizes
