"""The matrix that adds up leaves to all the nodes above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class Summing(NamedTuple):
    """Nodes, and how each adds up the leaves."""

    nodes: tuple[str, ...]
    """Those with children, from the roots down and by name, then the leaves by name."""
    aggregates: int
    """How many have children."""
    level: Ints
    """How far each node is from its root, 0 for a root; the longest way where there are several."""
    matrix: Any
    """A sparse matrix of SciPy (CSR), shape (nodes, leaves)."""

    @property
    def leaves(self) -> tuple[str, ...]:
        """The nodes without children, in the order of the matrix's columns."""
        return self.nodes[self.aggregates :]


def summing(edges: pl.DataFrame, leaves: Collection[str] | None = None) -> Summing:
    """Make the matrix of a hierarchy as it is at one instant.

    Args:
        edges: `parent`, `child` and, where shares are weighed, `weight`, as `edges_at` returns.
        leaves: those to add up; None takes every node without children. Nodes that have none of
            them below are left out.

    Raises:
        BadInput: if there are no edges, if they close a circle, or if a leaf is not one.

    Example:
        >>> edges = pl.DataFrame({"parent": ["all", "all", "n"], "child": ["n", "c", "a"]})
        >>> found = summing(edges)
        >>> found.nodes, found.level.tolist()
        (('all', 'n', 'a', 'c'), [0, 1, 2, 1])
        >>> found.matrix.toarray().tolist()
        [[1.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    from scipy.sparse import coo_array, eye_array

    if edges.is_empty():
        raise BadInput("a hierarchy without an edge adds up nothing at that time")
    names = pl.concat([edges["parent"], edges["child"]]).unique().sort()
    parent, child = (names.search_sorted(edges[name]).to_numpy() for name in ("parent", "child"))
    weight = np.ones(edges.height)
    if "weight" in edges.columns:
        weight = edges["weight"].cast(pl.Float64).fill_null(1.0).to_numpy()
    own = np.setdiff1d(np.arange(len(names)), parent)
    kept = own if leaves is None else _places(names, own, leaves)
    level = _levels(parent, child, len(names))
    size = (len(names), len(names))
    below = coo_array((weight, (parent, child)), shape=size).tocsr()
    step = eye_array(len(names), format="csc")[:, kept].tocsr()
    total = step
    while step.nnz:
        step = below @ step
        total = total + step
    filled = np.flatnonzero(np.diff(total.indptr))
    upper = np.setdiff1d(filled, kept)
    upper = upper[np.lexsort((upper, level[upper]))]
    order = np.concatenate((upper, kept))
    return Summing(tuple(names[order]), len(upper), level[order], total[order].tocsr())


def _levels(parent: Ints, child: Ints, nodes: int) -> Ints:
    """Return how far each node is from a root."""
    level = np.zeros(nodes, np.int64)
    for _ in range(nodes + 1):
        lower = level.copy()
        np.maximum.at(lower, child, level[parent] + 1)
        if np.array_equal(lower, level):
            return level
        level = lower
    raise BadInput("the hierarchy has a circle, so nothing in it adds up")


def _places(names: pl.Series, own: Ints, leaves: Collection[str]) -> Ints:
    wanted = pl.Series("leaf", sorted(set(leaves)), pl.String)
    stray = wanted.filter(~wanted.is_in(names[own].implode()))
    if len(stray):
        raise BadInput(f"{len(stray)} names are of no leaf of the hierarchy, such as {stray[0]}")
    if not len(wanted):
        raise BadInput("without a leaf there is nothing to add up")
    found: Ints = names.search_sorted(wanted).to_numpy().astype(np.int64)
    return found
