"""What having bought an item says of others, for many clients at once: neighbours and EASE."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from argosy.kernels import single_threaded
from argosy_recommendations.recommenders.counting import nearest, padded, together, unpadded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_recommendations.recommenders.interactions import Interactions
    from argosy_recommendations.recommenders.settings import Candidate

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]

_AT_ONCE = 1 << 23
"""Numbers of the matrices that are inverted in one call."""
_LARGE = 256
"""Width from which a matrix is inverted by itself."""
_STEP = 8
"""Matrices are padded to a multiple of this, so that many have one shape."""


class Counts(NamedTuple):
    """How often the items of every client were bought together."""

    values: Floats
    """A symmetric matrix per client, end to end."""
    catalogue: Ints
    starts: Ints
    """Where each matrix begins, and where the last ends."""

    @property
    def buyers(self) -> Floats:
        """The diagonals: how many customers bought each item, client after client."""
        n = np.repeat(self.catalogue, self.catalogue)
        begins = np.repeat(self.starts[:-1], self.catalogue)
        code = np.arange(len(n)) - np.repeat(
            np.cumsum(self.catalogue) - self.catalogue, self.catalogue
        )
        found: Floats = self.values[begins + code * (n + 1)]
        return found


def counted(given: Interactions) -> Counts:
    """Count the customers who bought both of two items."""
    starts = np.append(0, np.cumsum(given.catalogue**2))
    values = together(given.codes, given.baskets, given.customers, given.catalogue, starts)
    return Counts(values, given.catalogue, starts)


def weights(counts: Counts, candidate: Candidate, neighbours: int) -> Singles:
    """Return the weights of a model, a matrix per client; of popularity there are none.

    Sources: Sarwar, Karypis, Konstan and Riedl, WWW 2001, for neighbours of items by cosine;
    Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, for EASE.
    """
    if candidate.kind == "popularity":
        return np.zeros(0, np.float32)
    if candidate.kind == "item_knn":
        return nearest(counts.values, counts.catalogue, counts.starts, neighbours)
    import scipy.linalg.lapack  # noqa: F401  # what is loaded inside would have all threads

    with single_threaded():
        return _ease(counts, candidate.penalty)


def _ease(counts: Counts, penalty: float) -> Singles:
    found = np.zeros(counts.starts[-1], np.float32)
    width = -(-counts.catalogue // _STEP) * _STEP
    for size in np.unique(width[width > 0]).tolist():
        alike = np.flatnonzero(width == size)
        parts = min(len(alike), -(-len(alike) * size**2 // _AT_ONCE))
        for chosen in np.array_split(alike, parts):
            block = padded(counts.values, counts.catalogue, counts.starts, chosen, size, penalty)
            unpadded(_inverse(block), counts.catalogue, counts.starts, chosen, found)
    return found


def _inverse(block: Floats) -> Floats:
    """Invert symmetric positive definite matrices; only the upper triangles count after.

    Args:
        block: shape (matrices, width, width); it may be overwritten.
    """
    if block.shape[1] < _LARGE:
        return np.linalg.inv(block).astype(np.float64, copy=False)
    from scipy.linalg.lapack import dpotrf, dpotri

    for each in block:  # Cholesky takes 3/8 of the work, where work is what counts
        factor, _ = dpotrf(each.T, lower=1, clean=0, overwrite_a=1)
        each.T[:], _ = dpotri(factor, lower=1, overwrite_c=1)
    return block


def lay(catalogue: Ints) -> Ints:
    """Return where the weights of every item begin, and where the last end.

    Example:
        >>> lay(np.array([2, 3])).tolist()
        [0, 2, 4, 7, 10, 13]
    """
    return np.append(0, np.cumsum(np.repeat(catalogue, catalogue)))
