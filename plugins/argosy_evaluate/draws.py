"""Which rows a slice might as well have had: its labels, permuted within the model.

Where rows are independent, a draw is as many rows as the slice has, without replacement. Where
they are in an order, the labels are cut into contiguous blocks, which change places. Where they
hang together in clusters and a slice takes clusters whole, clusters change labels; else the rows
of each cluster do among themselves.

Every draw has random numbers of its own, read off a hash of a seed and the draw's number: however
many are drawn at a time, and whatever else is drawn, they are the same.

Source: drawing without replacement: Bentley and Floyd, Communications of the ACM 30 (1987);
bounded numbers: Lemire, ACM Transactions on Modeling and Computer Simulation 29 (2019); the hash:
Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import compiled, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.uint8]
    Ints = NDArray[np.int64]

BLOCKS = 20
"""How many contiguous blocks the labels of rows in an order are cut into."""


class Design(NamedTuple):
    """How the labels of one slice may be permuted."""

    labels: Bits
    """1 where a row is of the slice; shape (rows,)."""
    order: Ints
    """The places of rows, one stretch after the other."""
    bounds: Ints
    """Where stretches begin and end in that order; shape (stretches + 1,)."""
    way: int
    """`WITHIN` stretches, `BLOCKWISE` or `CLUSTERWISE`."""

    @property
    def units(self) -> tuple[int, int]:
        """How many exchangeable units there are of the slice, and beside it."""
        inside = int(np.count_nonzero(self.labels))
        if self.way == CLUSTERWISE:
            inside = int(np.count_nonzero(self.labels[self.order[self.bounds[:-1]]]))
            return inside, len(self.bounds) - 1 - inside
        return inside, len(self.labels) - inside


WITHIN, BLOCKWISE, CLUSTERWISE = range(3)


def design(labels: Bits, moments: Ints | None = None, clusters: Ints | None = None) -> Design:
    """Say how labels may be permuted.

    Args:
        labels: 1 where a row is of the slice; shape (rows,).
        moments: when each row was, or None where nobody knows.
        clusters: what each row hangs together with others by, or None where they do not.

    Example:
        >>> design(np.array([1, 1, 0, 0], np.uint8), clusters=np.array([7, 7, 8, 8])).units
        (1, 1)
    """
    rows = len(labels)
    plain = np.arange(rows)
    if clusters is not None:
        order = np.argsort(clusters, kind="stable")
        sorted_ = clusters[order]
        heads = np.flatnonzero(np.append(True, sorted_[1:] != sorted_[:-1]))
        bounds = np.append(heads, rows)
        of_slice = runs(labels[order].astype(np.int64), heads)
        pure = (of_slice == 0) | (of_slice == np.diff(bounds))
        return Design(labels, order, bounds, CLUSTERWISE if pure.all() else WITHIN)
    if moments is not None:
        bounds = np.arange(BLOCKS + 1) * rows // BLOCKS
        return Design(labels, np.argsort(moments, kind="stable"), np.unique(bounds), BLOCKWISE)
    return Design(labels, plain, np.array([0, rows]), WITHIN)


def drawn(of: Design, seed: int, first: int, many: int) -> Bits:
    """Draw labels; shape (draws, rows).

    Args:
        of: how.
        seed: of the slice.
        first: the number of the first draw.
        many: how many.

    Example:
        >>> some = drawn(design(np.array([1, 0, 0, 1, 0], np.uint8)), 7, 0, 4)
        >>> np.count_nonzero(some, axis=1).tolist()
        [2, 2, 2, 2]
        >>> bool((some[2:] == drawn(design(some[0]), 7, 2, 2)).all())
        True
    """
    return _drawn(of.labels, of.order, of.bounds, of.way, np.uint64(seed), first, many)


@compiled
def _drawn(
    labels: Bits, order: Ints, bounds: Ints, way: int, seed: np.uint64, first: int, many: int
) -> Bits:
    golden, one, two = (
        np.uint64(0x9E3779B97F4A7C15),
        np.uint64(0xBF58476D1CE4E5B9),
        np.uint64(0x94D049BB133111EB),
    )
    s30, s27, s31, s32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)

    def mixed(x: np.uint64) -> np.uint64:
        x = (x ^ (x >> s30)) * one
        x = (x ^ (x >> s27)) * two
        return x ^ (x >> s31)

    rows, stretches = len(labels), len(bounds) - 1
    found = np.zeros((many, rows), np.uint8)
    turn = np.arange(stretches)
    for draw in range(many):
        state = mixed(seed + np.uint64(first + draw + 1) * golden)
        if way == WITHIN:
            for stretch in range(stretches):
                head, tail = bounds[stretch], bounds[stretch + 1]
                size, inside = tail - head, 0
                for k in range(head, tail):
                    inside += labels[order[k]]
                # the side that has fewer is drawn, and so the same rows for either of two slices
                flip = 2 * inside > size or (2 * inside == size and labels[order[head]] == 0)
                less = size - inside if flip else inside
                for k in range(size - less, size):  # Floyd's
                    state += golden
                    high = mixed(state) >> s32
                    place = np.int64((high * np.uint64(k + 1)) >> s32)
                    if found[draw, order[head + place]]:
                        place = np.int64(k)
                    found[draw, order[head + place]] = 1
                if flip:
                    for k in range(head, tail):
                        found[draw, order[k]] = 1 - found[draw, order[k]]
            continue
        for stretch in range(stretches):
            turn[stretch] = stretch
        for k in range(stretches - 1, 0, -1):
            state += golden
            high = mixed(state) >> s32
            place = np.int64((high * np.uint64(k + 1)) >> s32)
            turn[k], turn[place] = turn[place], turn[k]
        to = 0
        for stretch in range(stretches):
            source = turn[stretch]
            if way == CLUSTERWISE:
                own = labels[order[bounds[source]]]
                for k in range(bounds[stretch], bounds[stretch + 1]):
                    found[draw, order[k]] = own
            else:
                for k in range(bounds[source], bounds[source + 1]):
                    found[draw, order[to]] = labels[order[k]]
                    to += 1
    return found
