"""Fisher's exact test of many 2 x 2 tables at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64] | NDArray[np.float64]

# Tables that are equally likely differ by less in their computed probabilities.
SAME = 1 + 1e-10
# A term that is smaller, compared with those that count, ends a sum.
NOTHING = 1e-17


@compiled
def fisher(
    hits: NDArray[np.int64],
    rows: NDArray[np.int64],
    other_hits: NDArray[np.int64],
    other_rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Two-sided p-values: the probability of all tables no likelier than the one seen.

    A hypergeometric distribution rises to its mode and falls after it. Its probabilities are
    computed from each other, from the mode outwards, and divided by their sum, so no factorial
    is ever taken.

    Args:
        hits: rows of one side that have some property, shape (tables,).
        rows: rows of that side, shape (tables,).
        other_hits: the same for the other side.
        other_rows: the same for the other side.

    Returns:
        p-values of shape (tables,).

    Source: Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society
    98 (1935).

    Example:
        >>> fisher(np.array([1]), np.array([9]), np.array([11]), np.array([15])).round(6)
        array([0.009423])
    """
    p_values = np.ones(len(rows))
    for table in range(len(rows)):
        n, m, seen = rows[table], other_rows[table], hits[table]
        drawn = seen + other_hits[table]
        low, high = max(0, drawn - m), min(drawn, n)
        if low == high:
            continue
        mode = min(max(int((drawn + 1.0) * (n + 1.0) / (n + m + 2.0)), low), high)
        # How likely the table seen is, compared with the mode.
        likely = 1.0
        for k in range(mode, seen):
            likely *= float(n - k) * (drawn - k) / (float(k + 1) * (m - drawn + k + 1))
            if likely == 0:
                break
        for k in range(mode, seen, -1):
            likely *= float(k) * (m - drawn + k) / (float(n - k + 1) * (drawn - k + 1))
            if likely == 0:
                break
        total = 1.0
        tail = 1.0 if likely * SAME >= 1 else 0.0
        weight = 1.0
        for k in range(mode, high):
            weight *= float(n - k) * (drawn - k) / (float(k + 1) * (m - drawn + k + 1))
            total += weight
            tail += weight if weight <= likely * SAME else 0.0
            if weight <= likely * NOTHING:
                break
        weight = 1.0
        for k in range(mode, low, -1):
            weight *= float(k) * (m - drawn + k) / (float(n - k + 1) * (drawn - k + 1))
            total += weight
            tail += weight if weight <= likely * SAME else 0.0
            if weight <= likely * NOTHING:
                break
        p_values[table] = min(1.0, tail / total)
    return p_values


def fisher_of(
    hits: Counts, rows: Counts, other_hits: Counts, other_rows: Counts, tau: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the same where so many rows count as one: of as many fewer, with the same shares.

    Args:
        hits: as for `fisher`, as the three that follow; whole numbers of any type.
        rows: the same.
        other_hits: the same.
        other_rows: the same.
        tau: at least 1, shape (tables,).

    Example:
        >>> tables = (np.array([x, 10 * x]) for x in (1, 9, 11, 15))
        >>> few, many = fisher_of(*tables, np.array([1, 10]))
        >>> bool(few == many)
        True
    """
    n, m = rows // tau, other_rows // tau
    seen = np.rint(hits * (n / np.maximum(rows, 1)))
    other = np.rint(other_hits * (m / np.maximum(other_rows, 1)))
    return fisher(*(side.astype(np.int64) for side in (seen, n, other, m)))
