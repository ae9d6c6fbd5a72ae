"""The loops that cut rows into batches: `argosy.kernels.batches` says what batches are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

MANY = 10
"""So many batches are cut; fewer, of times or clusters, say too little of their own spread."""
NO_TIME = np.iinfo(np.int64).min
"""What stands in the place of a time that a row lacks; it counts as earlier than all others."""
_DAYS = 20
_DAY = 86_400_000_000


@compiled
def orders(time: Ints, weight: Floats, starts: Ints, lengths: Ints) -> Flags:
    """Whether the rows of each group that count have at least two times."""
    found = np.zeros(len(lengths), np.bool_)
    for group in range(len(lengths)):
        first = NO_TIME
        for k in range(starts[group], starts[group] + lengths[group]):
            if weight[k] > 0.0 and time[k] != NO_TIME:
                if first != NO_TIME and time[k] != first:
                    found[group] = True
                    break
                first = time[k]
    return found


@compiled
def some(flags: Flags, starts: Ints, lengths: Ints) -> Flags:
    """Whether any row of each group has a flag."""
    found = np.zeros(len(lengths), np.bool_)
    for group in range(len(lengths)):
        for k in range(starts[group], starts[group] + lengths[group]):
            if flags[k]:
                found[group] = True
                break
    return found


@compiled
def counted(of: Ints, lengths: Ints, starts: Ints) -> Ints:
    """Return how many batches each group has, by the number of the last."""
    found = np.zeros(len(lengths), np.int64)
    for group in range(len(lengths)):
        for k in range(starts[group], starts[group] + lengths[group]):
            found[group] = max(found[group], of[k] + 1)
    return found


@compiled
def ascends(keys: Floats, own: Ints, starts: Ints, lengths: Ints) -> Flags:
    """Whether the rows of each group come in order of their keys, then of their clusters."""
    found = np.ones(len(lengths), np.bool_)
    for group in range(len(lengths)):
        for k in range(starts[group] + 1, starts[group] + lengths[group]):
            if keys[k] < keys[k - 1] or (keys[k] == keys[k - 1] and own[k] < own[k - 1]):
                found[group] = False
                break
    return found


@compiled
def clusters(
    cluster: Floats,
    time: Ints,
    places: Ints,
    clustered: Flags,
    timed: Flags,
    starts: Ints,
    lengths: Ints,
) -> tuple[Ints, Ints]:
    """Return the time of each row's cluster, that of its first row, and the cluster's number."""
    moments, own = time.copy(), np.zeros(len(time), np.int64)
    for group in range(len(lengths)):
        if not clustered[group]:
            continue
        start, stop = starts[group], starts[group] + lengths[group]
        head, number = start, 0
        while head < stop:
            value, tail = cluster[places[head]], head + 1
            while tail < stop and cluster[places[tail]] == value:  # NaN equals nothing
                tail += 1
            first = time[places[head]]
            for k in range(head, tail):
                first = min(first, time[places[k]])
            for k in range(head, tail):
                own[places[k]] = number
                if timed[group]:
                    moments[places[k]] = first
            number += 1
            head = tail
    return moments, own


@compiled
def cut(
    moments: Ints,
    own: Ints,
    weight: Floats,
    places: Ints,
    timed: Flags,
    clustered: Flags,
    starts: Ints,
    lengths: Ints,
) -> tuple[Ints, Ints]:
    """Return the batch of each row, and how many there are.

    A unit, which is not cut, is a day, or else the rows of one moment and cluster. It belongs to
    the tenth of the rows in which its middle lies; where a tenth would have none, to a tenth of
    the units.
    """
    of, counts = np.zeros(len(moments), np.int64), np.zeros(len(lengths), np.int64)
    longest = 1
    for length in lengths:
        longest = max(longest, length)
    units, sizes = np.empty(longest, np.int64), np.empty(longest, np.int64)
    for group in range(len(lengths)):
        start, n = starts[group], lengths[group]
        if not (timed[group] or clustered[group]):
            continue
        days, last = 0, 0
        for k in range(n):
            row = places[start + k]
            if weight[row] > 0.0 and timed[group] and moments[row] != NO_TIME:
                day = moments[row] // _DAY
                if days == 0 or day != last:
                    days += 1
                    last = day
        by_day = days >= _DAYS
        if not timed[group]:  # a cluster is a unit, wherever its rows are
            many = 0
            for k in range(n):
                many = max(many, own[start + k] + 1)
            sizes[:many] = 0
            for k in range(n):
                units[k] = own[start + k]
                sizes[units[k]] += weight[start + k] > 0.0
            number = 0  # clusters without a row that counts have no number
            for u in range(many):
                filled = sizes[u] > 0
                sizes[u] = number
                number += filled
            for k in range(n):
                if weight[start + k] > 0.0:
                    of[start + k] = sizes[units[k]]
            counts[group] = number
            continue
        unit, total = -1, 0
        before_moment, before_own = 0, 0
        for k in range(n):
            row = places[start + k]
            units[k] = -1
            if not weight[row] > 0.0:
                continue
            moment = moments[row]
            if by_day and moment != NO_TIME:
                moment //= _DAY
            cluster = 0 if by_day and moments[row] != NO_TIME else own[row]
            alone = moments[row] == NO_TIME and not clustered[group]
            if unit < 0 or alone or moment != before_moment or cluster != before_own:
                unit += 1
                sizes[unit] = 0
                before_moment, before_own = moment, cluster
            units[k] = unit
            sizes[unit] += 1
            total += 1
        many = unit + 1
        if many <= MANY:
            counts[group] = many
        else:
            counts[group] = MANY
            before, seen, number = 0, 0, -1
            for u in range(many):
                size = sizes[u]
                sizes[u] = MANY * (2 * before + size) // (2 * total)
                seen += sizes[u] != number
                number = sizes[u]
                before += size
            if seen < MANY:
                for u in range(many):
                    sizes[u] = MANY * u // many
        for k in range(n):
            if units[k] >= 0:
                of[places[start + k]] = units[k] if many <= MANY else sizes[units[k]]
    return of, counts
