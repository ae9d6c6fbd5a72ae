"""What lists keep of how their elements depend on each other in time: sums over lags.

Of every list, the sums of products of elements that are so many times apart; of sums per calendar
day likewise; and the squares of sums per cluster. Such a record is a short list of numbers, from
which, with that of another list, `inflation` tells how much a row is worth. An element is a whole
number, so that no order of additions changes a bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled
from argosy_drift.dependence.rank_steps import MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Steps = NDArray[np.int16]
    Places = NDArray[np.int32]

HEAD = 8
"""A record begins with how many rows, pieces, times, days, clusters, parts (the element itself, and
its distance from the middle), sums over lags of times and of days there are. There follow, part
after part, the squares of its rows and those of its clusters' sums; its sums over lags of times,
from lag 0 on; and those over lags of days."""
MOST_LAGS = 1_000
WINDOW = 5
"""A sum over lags ends where it is over so many times what it has come to."""
LEAST = 20
"""Times, days or clusters below which nothing is told by them; independent rows, too."""
_BLOCK = 4096  # so many products stay below 2**31


@compiled
def lag_sums(
    steps: Steps,
    lengths: Ints,
    known: Ints,
    units: Places,
    days: Places,
    clusters: Places,
    timed: bool,
    folded: bool,
) -> tuple[Floats, Ints]:
    """Add up products over lags, for every list.

    Args:
        steps: small whole numbers whose mean is nearly zero, in order, or `MISSING`; see
            `argosy_drift.dependence.rank_steps`.
        lengths: how many each list has.
        known: how many of them are not missing.
        units: as in `argosy_drift.dependence.row_order.RowOrder`, as the two that follow.
        days: the same.
        clusters: the same.
        timed: whether the order is one of time.
        folded: whether the distance from the middle is looked at too.

    Returns:
        The records, end to end, and how long each is.
    """
    sizes = np.zeros(len(lengths), np.int64)
    longest = 0
    for length in lengths:
        longest = max(longest, length)
    room = HEAD + 2 * (4 + 2 * (min(longest // 2, MOST_LAGS) + 2))
    into, end = np.empty(min(len(lengths), 64) * room), 0
    parts = 2 if folded else 1
    series = np.empty((parts, longest), np.int16)
    summed = np.empty((3, parts, longest))
    sums = np.empty((parts, MOST_LAGS + 2))
    start = 0
    for row in range(len(lengths)):
        n = lengths[row]
        if end + room > len(into):
            more = np.empty(2 * len(into))
            more[:end] = into[:end]
            into = more
        record = into[end : end + room]
        x = steps[start : start + n]
        there = known[row]
        if there < n:
            for k in range(n):
                series[0, k] = 0 if x[k] == MISSING else x[k]
        else:
            for k in range(n):
                series[0, k] = x[k]
        if folded:
            total = 0
            for k in range(n):
                total += abs(int(series[0, k]))
            middle = np.int16(np.rint(2 * total / max(there, 1)))
            for k in range(n):
                series[1, k] = np.int16(2 * abs(series[0, k]) - middle)
            if there < n:
                for k in range(n):
                    if x[k] == MISSING:
                        series[1, k] = 0
        record[:HEAD] = 0
        record[0], record[1], record[5] = there, 1, parts
        many = np.zeros(3, np.int64)  # times, days, clusters
        for level in range(3):
            of = units if level == 0 else days if level == 1 else clusters
            if len(of) == 0:
                many[level] = n if level == 0 and timed else 0
                continue
            own = of[start : start + n]
            if level == 2:
                for k in range(n):
                    many[level] = max(many[level], own[k] + 1)
                for part in range(parts):
                    summed[level, part, : many[level]] = 0
                    for k in range(n):
                        if own[k] >= 0:
                            summed[level, part, own[k]] += series[part, k]
                continue
            k = 0
            while k < n:
                begin, number = k, own[k]
                while k < n and own[k] == number:
                    k += 1
                if number < 0:
                    continue
                many[level] = number + 1
                for part in range(parts):
                    total = 0
                    for j in range(begin, k):
                        total += series[part, j]
                    summed[level, part, number] = total
        record[2:5] = many
        place = HEAD
        for part in range(parts):
            squares = grouped = 0.0
            for begin in range(0, n, _BLOCK):
                some = np.int32(0)
                for k in range(begin, min(begin + _BLOCK, n)):
                    some = np.int32(some + np.int32(series[part, k]) * np.int32(series[part, k]))
                squares += some
            for k in range(many[2]):
                grouped += summed[2, part, k] ** 2
            record[place], record[place + 1] = squares, grouped
            place += 2
        for level in range(2):
            m, single = many[level], level == 0 and len(units) == 0
            if m < 2:
                continue
            furthest = min(m // 2, MOST_LAGS)
            sokal = np.ones(2)
            lag, lacking = 0, True
            while lag <= furthest and lacking:
                lacking = False
                for part in range(parts):
                    value = 0.0
                    if single:
                        a, b = series[part, : m - lag], series[part, lag:m]
                        for begin in range(0, m - lag, _BLOCK):
                            some = np.int32(0)
                            for k in range(begin, min(begin + _BLOCK, m - lag)):
                                some = np.int32(some + np.int32(a[k]) * np.int32(b[k]))
                            value += some
                    else:
                        c = summed[level, part]
                        for k in range(m - lag):
                            value += c[k] * c[k + lag]
                    sums[part, lag] = value
                    if lag and sums[part, 0] > 0:
                        sokal[part] += 2 * value / sums[part, 0]
                    # what is worth so little need not be known to the last lag
                    lacking |= lag < WINDOW * sokal[part] and sokal[part] * 16 < m
                lag += 1
            record[6 + level] = lag
            for part in range(parts):
                record[place : place + lag] = sums[part, :lag]
                place += lag
        sizes[row] = place
        start += n
        end += place
    return into[:end], sizes
