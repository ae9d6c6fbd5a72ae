"""Sort all lists of a column at once.

A number becomes a whole one that sorts like it (its bits, the sign turned round), less the least
of its list. Two rounds of counting by the leading digits nearly sort a list, because digits grow
with the list: more than one digit per binary digit of its length. What is left is a step or two
for a few elements. Where it is more, because the values crowd, counting starts over with every
digit, so no list takes longer than its length times eight rounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def order(
    values: NDArray[np.float64], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find the order that sorts every list, equal elements as they came and NaN last.

    Args:
        values: the elements of all lists, end to end.
        starts: where each list begins.
        lengths: how many elements each has.

    Returns:
        Places in `values`, of the same shape: where a list begins stands the place of its least
        element, and so on. Elements of no list have no place.

    Source: McIlroy, Bostic and McIlroy, "Engineering radix sort", Computing Systems 6 (1993).

    Example:
        >>> found = order(np.array([3.0, 1.0, 2.0, 0.0]), np.array([0, 2]), np.array([2, 2]))
        >>> found.tolist()
        [1, 0, 3, 2]
    """
    longest = 0
    for each in lengths:
        longest = max(longest, each)
    places = np.empty(len(values), np.int64)
    keys, spare_keys = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    index, spare_index = np.empty(longest, np.int64), np.empty(longest, np.int64)
    counts = np.empty(1 << 11, np.int64)
    bits = values.view(np.uint64)
    sign, infinity = np.uint64(1 << 63), np.uint64(0x7FF0000000000000)
    last = np.uint64(0xFFFFFFFFFFFFFFFF)
    for row in range(len(lengths)):
        n, start = lengths[row], starts[row]
        least, most = last, np.uint64(0)
        for k in range(n):
            raw = bits[start + k]
            if (raw & ~sign) > infinity:
                key = last
            elif raw == sign:  # minus zero equals zero
                key = sign
            elif raw & sign:
                key = ~raw
            else:
                key = raw | sign
            keys[k], index[k] = key, start + k
            least, most = min(least, key), max(most, key)
        width = 0
        while width < 64 and (most - least) >> np.uint64(width):
            width += 1
        digit = 5
        while digit < 11 and (1 << digit) < n:
            digit += 1
        short = n <= 24
        budget = n * n if short else 4 * n
        done = width if short else max(0, width - 2 * digit)
        while True:
            everything = done == 0
            while done < width:
                size = min(digit, width - done)
                shift, mask = np.uint64(done), np.uint64((1 << size) - 1)
                counts[: 1 << size] = 0
                for k in range(n):
                    counts[((keys[k] - least) >> shift) & mask] += 1
                total = 0
                for c in range(1 << size):
                    total, counts[c] = total + counts[c], total
                for k in range(n):
                    key = keys[k]
                    c = ((key - least) >> shift) & mask
                    place = counts[c]
                    counts[c] = place + 1
                    spare_keys[place], spare_index[place] = key, index[k]
                keys, spare_keys = spare_keys, keys
                index, spare_index = spare_index, index
                done += size
            if everything and not short:
                break
            moves = 0
            for k in range(1, n):
                key, own, j = keys[k], index[k], k
                while j > 0 and keys[j - 1] > key:
                    keys[j], index[j] = keys[j - 1], index[j - 1]
                    j -= 1
                keys[j], index[j] = key, own
                moves += k - j
                if moves > budget:
                    break
            if moves <= budget:
                break
            done = 0
        places[start : start + n] = index[:n]
    return places
