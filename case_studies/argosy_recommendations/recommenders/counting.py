"""Loops over purchases: which items are bought together, and how alike that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]


@compiled
def together(codes: Ints, baskets: Ints, customers: Ints, catalogue: Ints, starts: Ints) -> Floats:
    """Count the customers who bought both of two items.

    Args:
        codes: the items of every customer, end to end.
        baskets: how many each customer has.
        customers: how many each client has.
        catalogue: how many items each client has.
        starts: where the matrix of each client begins, and where the last ends.

    Returns:
        A symmetric matrix per client, end to end, row by row.
    """
    found = np.zeros(starts[-1])
    place, person = 0, 0
    for client in range(len(customers)):
        n, base = catalogue[client], starts[client]
        for _ in range(customers[client]):
            end = place + baskets[person]
            for one in range(place, end):
                row = base + codes[one] * n
                for other in range(place, end):
                    found[row + codes[other]] += 1.0
            place = end
            person += 1
    return found


@compiled
def nearest(counts: Floats, catalogue: Ints, starts: Ints, keep: int) -> Singles:
    """Return the cosine of each item with the items nearest to it; of the others 0.

    Args:
        counts: as `together` finds them.
        catalogue: how many items each client has.
        starts: where the matrix of each client begins, and where the last ends.
        keep: how many neighbours an item has; of equals, the more popular ones.

    Returns:
        Matrices of the same shape: in row j and column i stands what having bought j says of i.
    """
    found = np.zeros(starts[-1], np.float32)
    for client in range(len(catalogue)):
        n, base = catalogue[client], starts[client]
        root, alike = np.empty(n), np.empty(n)
        for i in range(n):
            root[i] = np.sqrt(counts[base + i * n + i])
        for i in range(n):
            for j in range(n):
                alike[j] = 0.0
                if i != j and root[i] > 0.0 and root[j] > 0.0:
                    alike[j] = counts[base + i * n + j] / (root[i] * root[j])
            least, equals = 0.0, n
            if n > keep:
                ordered = np.sort(alike)
                least = ordered[n - keep]
                equals = keep
                for j in range(n):
                    if alike[j] > least:
                        equals -= 1
            for j in range(n):
                kept = alike[j] > least
                if alike[j] == least and equals > 0:
                    equals -= 1
                    kept = True
                if kept:
                    found[base + j * n + i] = alike[j]
    return found


@compiled
def padded(
    counts: Floats, catalogue: Ints, starts: Ints, chosen: Ints, width: int, penalty: float
) -> Floats:
    """Lay out some clients' matrices in one block, the penalty added to the diagonal.

    Returns:
        Shape (chosen, width, width). Beyond a client's items stands nothing but the penalty, so
        what is added has no part in the inverse of the rest.
    """
    found = np.zeros((len(chosen), width, width))
    for place in range(len(chosen)):
        n, base = catalogue[chosen[place]], starts[chosen[place]]
        for i in range(n):
            for j in range(n):
                found[place, i, j] = counts[base + i * n + j]
        for i in range(width):
            found[place, i, i] += penalty
    return found


@compiled
def unpadded(
    inverse: Floats, catalogue: Ints, starts: Ints, chosen: Ints, weights: Singles
) -> None:
    """Write the weights of EASE, -P_ji / P_ii with P the inverse, into the clients' matrices.

    P is symmetric, and only its upper triangle is looked at.
    """
    for place in range(len(chosen)):
        n, base = catalogue[chosen[place]], starts[chosen[place]]
        for j in range(n):
            for i in range(n):
                if i != j:
                    entry = inverse[place, min(i, j), max(i, j)]
                    weights[base + j * n + i] = -entry / inverse[place, i, i]
