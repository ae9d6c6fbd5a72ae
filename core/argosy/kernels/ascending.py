"""Sort the values of all lists of a column at once.

A value's place in the range of its list, counted in many more steps than there are values, is
nearly its rank: two rounds of counting, by the lower digit of the step and then by the upper,
leave the list sorted but for values that share a step, and these are put in order one by one.
Where too many share one, because a few values lie very far out, the list is ordered by the bits
of its numbers instead (`argosy.kernels.sorting`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled
from argosy.kernels.sorting import order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LARGE = 1 << 20
"""Lists that are longer leave the processor's caches, where counting has no advantage."""


def ascending(values: Floats, starts: Ints, lengths: Ints, into: Floats) -> Ints:
    """Write the elements of every list in ascending order, but for NaN, which is left out.

    Args:
        values: the elements of all lists.
        starts: where each list begins.
        lengths: how many elements each has.
        into: where they are written, list after list without a gap; at least as long as all lists
            together, and no part of `values`.

    Returns:
        How many elements of each list were written, shape (lists,).

    Source: Isaac and Singleton, "Sorting by address calculation", Journal of the ACM 3 (1956).

    Example:
        >>> values, into = np.array([3.0, 1.0, np.nan, 2.0, 0.0]), np.empty(5)
        >>> many = ascending(values, np.array([0, 3]), np.array([3, 2]), into)
        >>> into[: many.sum()].tolist(), many.tolist()
        ([1.0, 3.0, 0.0, 2.0], [2, 2])
    """
    many, sorted_ = _counted(values, starts, lengths, into)
    if not sorted_.all():
        ends = np.cumsum(many)
        large = ~sorted_ & (many > LARGE)
        for start, end in zip((ends - many)[large], ends[large], strict=True):
            into[start:end].sort()
        rest = ~sorted_ & ~large
        size = many[rest]
        first = (ends - many)[rest]
        place = np.arange(size.sum()) + np.repeat(first - (np.cumsum(size) - size), size)
        into[place] = into[order(into, first, size)[place]]
    return many


@compiled
def _counted(
    values: Floats, starts: Ints, lengths: Ints, into: Floats
) -> tuple[Ints, NDArray[np.bool_]]:
    """Do as `ascending` does, and say which lists are sorted; others are written as they were."""
    rows = len(lengths)
    many, fits = np.zeros(rows, np.int64), np.zeros(rows, np.bool_)
    longest = 0
    for row in range(rows):
        longest = max(longest, min(lengths[row], LARGE))
    spare = np.empty(longest)
    lower, upper = np.empty(1 << 12, np.uint32), np.empty(1 << 12, np.uint32)
    one, end = np.uint32(1), 0
    for row in range(rows):
        length = lengths[row]
        source = values[starts[row] : starts[row] + length]
        target = into[end : end + length]
        least, greatest, n = np.inf, -np.inf, 0
        for k in range(length):
            value = source[k]
            target[n] = value
            n += value == value  # NaN is overwritten by what comes next
            least = min(least, value)
            greatest = max(greatest, value)
        many[row] = n
        end += n
        if n > LARGE:
            continue
        digit = 5
        while digit < 12 and (1 << (2 * digit)) < n << 7:
            digit += 1
        size = 1 << digit
        scale = (size * size - 1) / (greatest - least)
        short = n <= 8
        if not short and not 0 < scale < np.inf:
            fits[row] = least == greatest
            continue
        if not short:
            mask, shift = np.uint64(size - 1), np.uint64(digit)
            lower[:size] = 0
            upper[:size] = 0
            for k in range(n):
                step = np.uint64(np.int64((target[k] - least) * scale))
                lower[step & mask] += one
                upper[step >> shift] += one
            before = above = np.uint32(0)
            for c in range(size):
                count = lower[c]
                lower[c] = before
                before += count
                count = upper[c]
                upper[c] = above
                above += count
            for k in range(n):
                value = target[k]
                step = np.uint64(np.int64((value - least) * scale))
                place = lower[step & mask]
                lower[step & mask] = place + one
                spare[place] = value
            for k in range(n):
                value = spare[k]
                step = np.uint64(np.int64((value - least) * scale))
                place = upper[step >> shift]
                upper[step >> shift] = place + one
                target[place] = value
        budget = n * n if short else 4 * n
        moves = 0
        for k in range(1, n):
            value, j = target[k], k
            while j > 0 and target[j - 1] > value:
                target[j] = target[j - 1]
                j -= 1
            target[j] = value
            moves += k - j
            if moves > budget:
                break
        fits[row] = moves <= budget
    return many, fits
