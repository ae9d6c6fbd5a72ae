"""Take down how the elements of lists depend on each other: the records of their lag sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels.ascending import ascending
from argosy.kernels.compiled import compiled
from argosy_drift.dependence.code_sums import code_sums
from argosy_drift.dependence.lag_sums import HEAD, lag_sums
from argosy_drift.dependence.rank_steps import missing_steps, rank_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy.kernels.ragged import Ragged
    from argosy_drift.dependence.row_order import RowOrder

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def records(values: Floats, order: RowOrder) -> tuple[Floats, Ints]:
    """Return what lists keep of their dependence (`lag_sums`), and its lengths.

    Args:
        values: the elements of all lists, end to end; NaN where one is missing.
        order: the order of their rows.
    """
    starts = np.cumsum(order.lengths) - order.lengths
    sorted_ = np.empty(len(values))
    known = ascending(values, starts, order.lengths, sorted_)
    return ordered_records(values, sorted_, known, order)


def ordered_records(
    values: Floats, ascending_values: Floats, known: Ints, order: RowOrder
) -> tuple[Floats, Ints]:
    """Return the same where the values are known in ascending order, without missing ones."""
    steps = rank_steps(values, order.lengths, ascending_values, known, order.places)
    return lag_sums(
        steps, order.lengths, known, order.units, order.days, order.clusters, order.timed, True
    )


def missing_records(missing: NDArray[np.bool_], order: RowOrder) -> tuple[Floats, Ints]:
    """Return the same of whether an element is missing.

    Args:
        missing: of the elements of all lists, end to end.
        order: the order of their rows.
    """
    steps = missing_steps(missing, order.lengths, order.places)
    known = order.lengths
    return lag_sums(
        steps, known, known, order.units, order.days, order.clusters, order.timed, False
    )


def code_records(codes: NDArray[np.int32], order: RowOrder) -> tuple[Floats, Ints]:
    """Return the same of categories.

    Args:
        codes: the number of each element's category in its list, -1 where it is missing.
        order: the order of the rows.
    """
    return code_sums(
        codes, order.lengths, order.places, order.units, order.days, order.clusters, order.timed
    )


def merged(parts: Ragged, many: Ints) -> tuple[Floats, Ints]:
    """Put records of several windows together, as if each were a piece of one list.

    Args:
        parts: the records; empty ones count for nothing.
        many: how many of them belong to each list, shape (lists,).

    Returns:
        The records, end to end, and how long each is.
    """
    return _merged(*parts, many)


@compiled
def _merged(values: Floats, starts: Ints, lengths: Ints, many: Ints) -> tuple[Floats, Ints]:
    into, sizes, end = np.zeros(len(values)), np.zeros(len(many), np.int64), 0
    first = 0
    for row in range(len(many)):
        some = range(first, first + many[row])
        first += many[row]
        parts, lags = 0, np.zeros(2, np.int64)
        for one in some:
            if lengths[one]:
                own = values[starts[one] : starts[one] + lengths[one]]
                parts = max(parts, int(own[5]))
                for level in range(2):
                    lags[level] = max(lags[level], int(own[6 + level]))
        if parts == 0:
            continue
        size = HEAD + parts * (2 + lags[0] + lags[1])
        record = into[end : end + size]
        sums, weights = np.zeros(size), np.zeros(size)
        for one in some:
            if lengths[one] == 0:
                continue
            own = values[starts[one] : starts[one] + lengths[one]]
            for k in range(5):
                record[k] += own[k]
            for k in range(HEAD, HEAD + 2 * parts):
                record[k] += own[k]
            begin, to = HEAD + 2 * parts, HEAD + 2 * parts
            for level in range(2):
                for _ in range(parts):
                    for lag in range(int(own[6 + level])):
                        sums[to + lag] += own[begin + lag]
                        weights[to + lag] += own[begin]
                    begin += int(own[6 + level])
                    to += lags[level]
        to = HEAD + 2 * parts
        for level in range(2):
            for _ in range(parts):
                for lag in range(lags[level]):  # as if all windows had gone as far
                    if weights[to + lag] > 0:
                        record[to + lag] = sums[to] * sums[to + lag] / weights[to + lag]
                to += lags[level]
        record[5], record[6], record[7] = parts, lags[0], lags[1]
        sizes[row] = size
        end += size
    return into[:end], sizes
