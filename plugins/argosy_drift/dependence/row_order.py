"""The order of the rows of many lists, and which of them hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from argosy.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Places = NDArray[np.int32]

UNKNOWN = np.iinfo(np.int64).min
"""What stands for a time, a day or a cluster that nobody knows: NaT, as an integer."""
_NONE = np.zeros(0, np.int32)


class RowOrder(NamedTuple):
    """How the rows of many lists, which lie end to end, follow each other.

    The arrays but `lengths` have an element per row, or none where there is nothing to say; those
    after `places` go by the rows in order. A row of which something is unknown has -1 there.
    """

    lengths: Ints
    """How many rows each list has."""
    places: Places
    """Where in its list the first row in time stands, then the second...; none: they stand so."""
    units: Places
    """The number of the row's time among the times of its list; none: each has one of its own."""
    days: Places
    """The number of its calendar day."""
    clusters: Places
    """The number of its cluster."""
    timed: bool
    """Whether the order is one of time; if not, only clusters count."""

    @classmethod
    def of(
        cls,
        lengths: Ints,
        times: Ints | None = None,
        days: Ints | None = None,
        clusters: Ints | None = None,
    ) -> Self:
        """Find the order of rows.

        Args:
            lengths: how many rows each list has.
            times: when each row was, in any unit; equal numbers are one time.
            days: the calendar day of each, a number that grows with time.
            clusters: which cluster each belongs to, from 0; lists may share them.

        Example:
            >>> order = RowOrder.of(np.array([3, 1]), times=np.array([7, 5, 5, 1]))
            >>> order.places.tolist(), order.units.tolist()
            ([1, 2, 0, 0], [0, 0, 1, 0])
        """
        lengths = lengths.astype(np.int64)
        places = units = own_days = grouped = _NONE
        timed = times is not None
        if times is not None:
            ordered, apart = _steps(times, lengths)
            if not ordered:
                owner = np.repeat(np.arange(len(lengths)), lengths)
                row = np.lexsort((times, owner))
                first = np.repeat(np.cumsum(lengths) - lengths, lengths)
                places = (row - first).astype(np.int32)
                times = times[row]
                days, clusters = (
                    keys[row] if keys is not None else None for keys in (days, clusters)
                )
                _, apart = _steps(times, lengths)
            units = _NONE if apart else _runs(times, lengths)
            if days is not None:
                own_days = _runs(days, lengths)
        if clusters is not None:
            grouped = _seen(clusters, lengths, int(clusters.max(initial=-1)) + 1)
        return cls(lengths, places, units, own_days, grouped, timed)

    def some(self, lists: Ints) -> RowOrder:
        """Return the order of some lists, of which nothing else is left.

        Args:
            lists: their places, ascending.
        """
        if len(lists) == len(self.lengths):
            return self
        chosen = np.zeros(len(self.lengths), np.bool_)
        chosen[lists] = True
        rows = np.repeat(chosen, self.lengths)
        places, units, days, clusters = (part[rows] if len(part) else part for part in self[1:5])
        return RowOrder(self.lengths[lists], places, units, days, clusters, self.timed)

    def between(self, first: int, last: int) -> RowOrder:
        """Return the order of the lists from one to before another."""
        start, end = (int(self.lengths[:place].sum()) for place in (first, last))
        places, units, days, clusters = (part[start:end] for part in self[1:5])
        return RowOrder(self.lengths[first:last], places, units, days, clusters, self.timed)


@compiled
def _steps(times: Ints, lengths: Ints) -> tuple[bool, bool]:
    """Return whether the times of every list ascend, and whether all are known and differ."""
    ordered = apart = True
    row = 0
    for length in lengths:
        for k in range(length):
            apart &= times[row] != UNKNOWN
            if k:
                ordered &= times[row] >= times[row - 1]
                apart &= times[row] > times[row - 1]
            row += 1
    return ordered, apart


@compiled
def _runs(keys: Ints, lengths: Ints) -> Places:
    """Return the numbers of the runs of equal keys of each list."""
    found = np.empty(len(keys), np.int32)
    row = 0
    for length in lengths:
        number = -1
        for _ in range(length):
            key = keys[row]
            if key == UNKNOWN:
                found[row] = -1
            else:
                number += number < 0 or key != keys[row - 1]
                found[row] = number
            row += 1
    return found


@compiled
def _seen(keys: Ints, lengths: Ints, most: int) -> Places:
    """Return the numbers of the keys of each list, as they come."""
    found = np.empty(len(keys), np.int32)
    owner, number = np.full(most, -1, np.int64), np.empty(most, np.int32)
    row = 0
    for place in range(len(lengths)):
        many = 0
        for _ in range(lengths[place]):
            key = keys[row]
            if key < 0:
                found[row] = -1
            else:
                if owner[key] != place:
                    owner[key], number[key] = place, many
                    many += 1
                found[row] = number[key]
            row += 1
    return found
