"""Coarse ranks of the elements of many lists, centred: what is left of values in lag sums.

A rank is looked up by an element's place in the range of its list, or, where a few elements lie so
far out that most share a place, among the quantiles of the list. Both are monotone, equal elements
have equal ranks, and depend on nothing but the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Steps = NDArray[np.int16]
    Places = NDArray[np.int32]

MISSING = np.int16(-32768)
"""What stands for the rank of a missing element."""
QUANTILES = 128
"""Ranks are counted in so many steps."""
_BUCKETS = 512
_WHOLE = 256
_CROWD = 8


@compiled
def rank_steps(
    values: Floats, lengths: Ints, ordered: Floats, known: Ints, places: Places
) -> Steps:
    """Return the ranks of the elements of every list, less their mean.

    Args:
        values: the elements, list after list; NaN where one is missing.
        lengths: how many each list has, shape (lists,).
        ordered: those that are not missing in ascending order, list after list.
        known: how many of them each list has.
        places: where in its list the first row in time stands, the second...; empty if as it is.

    Returns:
        Numbers from -`QUANTILES` * 2 to `QUANTILES` * 2, in the order of time, and `MISSING`.

    Example:
        >>> x = np.array([5.0, np.nan, 1.0, 3.0])
        >>> one = np.array([4]), np.array([1.0, 3.0, 5.0]), np.array([3]), np.zeros(0, np.int32)
        >>> rank_steps(x, *one).tolist()
        [85, -32768, -85, 0]
    """
    steps = np.empty(len(values), np.int16)
    table, edges = np.empty(_BUCKETS, np.int16), np.empty(QUANTILES)
    start = first = 0
    for row in range(len(lengths)):
        n, many = lengths[row], known[row]
        x, u = values[start : start + n], steps[start : start + n]
        order = places[start : start + n] if len(places) else places
        s = ordered[first : first + many]
        start += n
        first += many
        if many == 0 or s[0] == s[many - 1]:
            for k in range(n):
                u[k] = MISSING if many < n and x[order[k] if len(order) else k] != s[0] else 0
            continue
        least = s[0]
        scale = (_BUCKETS - 1) / (s[many - 1] - least)
        table[:] = 0
        crowded = not 0 < scale < np.inf
        if not crowded:
            bucket, run, since = -1, 0, least
            for j in range(QUANTILES):
                value = s[(2 * j + 1) * many // (2 * QUANTILES)]
                own = int((value - least) * scale)
                table[own] += 2
                if own != bucket:
                    bucket, run, since = own, 0, value
                run += 1
                crowded |= run > _CROWD and value != since
            below = 0
            for b in range(_BUCKETS):
                own = table[b]
                table[b] = below + own // 2 - QUANTILES
                below += own
        if crowded:
            for j in range(QUANTILES):
                edges[j] = s[(2 * j + 1) * many // (2 * QUANTILES)]
            for j in range(QUANTILES + 1):  # steps of equal edges are never looked up but the last
                table[j] = 2 * j - QUANTILES
            below = 0
            for j in range(1, QUANTILES + 1):
                if j == QUANTILES or edges[j] != edges[j - 1]:
                    table[j] = below + j - QUANTILES
                    below = j
            for k in range(n):
                value = x[order[k]] if len(order) else x[k]
                if value != value:
                    u[k] = MISSING
                    continue
                ahead, half = 0, QUANTILES // 2
                while half > 0:  # without branches: where a value lies is unforeseeable
                    ahead += half * int(edges[ahead + half - 1] <= value)
                    half //= 2
                ahead += int(edges[ahead] <= value)
                u[k] = table[ahead]
        elif many < n:
            for k in range(n):
                value = x[order[k]] if len(order) else x[k]
                u[k] = table[np.int32((value - least) * scale)] if value == value else MISSING
        elif len(order):
            for k in range(n):
                u[k] = table[np.int32((x[order[k]] - least) * scale)]
        else:
            for k in range(n):
                u[k] = table[np.int32((x[k] - least) * scale)]
        total = 0
        if many < n:
            for k in range(n):
                total += u[k] if u[k] != MISSING else 0
        else:
            for k in range(n):
                total += u[k]
        middle = np.int16(np.rint(total / many))
        if many < n:
            for k in range(n):
                if u[k] != MISSING:
                    u[k] -= middle
        else:
            for k in range(n):
                u[k] -= middle
    return steps


@compiled
def missing_steps(missing: NDArray[np.bool_], lengths: Ints, places: Places) -> Steps:
    """Return whether elements are missing, as numbers whose mean over each list is nearly zero.

    Example:
        >>> no = np.zeros(0, np.int32)
        >>> missing_steps(np.array([True, False, False, False]), np.array([4]), no).tolist()
        [192, -64, -64, -64]
    """
    steps = np.empty(len(missing), np.int16)
    start = 0
    for length in lengths:
        many = 0
        for k in range(start, start + length):
            many += missing[k]
        low = -np.int16(np.rint(_WHOLE * many / max(length, 1)))
        for k in range(length):
            at = places[start + k] if len(places) else k
            steps[start + k] = low + _WHOLE * missing[start + at]
        start += length
    return steps
