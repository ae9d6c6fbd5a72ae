"""How the errors of forecasts hang together: a diagonal, and few directions beside it.

Errors of origins are few where series are many, so their matrix is never formed: what is kept is
a factor with a column per error vector, of which the matrix is made where it is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEW = 30
"""Below so many origins correlations are not estimated."""
_FLOOR = 1e-12
"""The least variance, over the largest: a series that never errs keeps its forecast."""


class Covariance(NamedTuple):
    """The matrix D + F Fᵀ of the errors of all nodes."""

    diagonal: Floats
    """D, shape (nodes,)."""
    factor: Floats
    """F, shape (nodes, columns); no column where errors are taken to be uncorrelated."""
    shrinkage: float
    """What share of each correlation is taken away, from 0 to 1."""
    unknown: NDArray[np.bool_]
    """Which nodes have no errors of their own: they get a variance of their neighbours'."""


def variances(errors: Floats, level: NDArray[np.int64]) -> Covariance:
    """Return a diagonal: the mean squared error of each node, not less the mean.

    A node without errors gets the median of its level, or of all.

    Args:
        errors: shape (nodes, origins, horizons); NaN where one is not known.
        level: of each node.

    Example:
        >>> errors = np.array([[[2.0]], [[1.0]], [[np.nan]]])
        >>> variances(errors, np.array([0, 1, 1])).diagonal.tolist()
        [4.0, 1.0, 1.0]
    """
    known = ~np.isnan(errors)
    count = known.sum(axis=(1, 2))
    total = np.where(known, errors, 0.0)
    square = (total**2).sum(axis=(1, 2)) / np.maximum(count, 1)
    unknown = count == 0
    every = np.median(square[~unknown]) if not unknown.all() else 1.0
    for each in np.unique(level[unknown]):
        alike = (level == each) & ~unknown
        square[unknown & (level == each)] = np.median(square[alike]) if alike.any() else every
    most = square.max(initial=0.0)
    floor = most * _FLOOR if most > 0 else 1.0
    return Covariance(np.maximum(square, floor), np.empty((len(square), 0)), 1.0, unknown)


def shrunk(errors: Floats, level: NDArray[np.int64]) -> Covariance:
    """Return what MinT takes: correlations of all nodes, shrunk as Schäfer and Strimmer do.

    The origin is what there are many of: its horizons say much the same, so a correlation is as
    uncertain as its spread from origin to origin is. An error that is not known counts as one that
    hangs together with nothing.

    Args:
        errors: shape (nodes, origins, horizons), as of `variances`.
        level: of each node.

    Source: Schäfer and Strimmer, Statistical Applications in Genetics and Molecular Biology 4
    (2005); Wickramasuriya, Athanasopoulos and Hyndman, Journal of the American Statistical
    Association 114 (2019).

    Example:
        >>> one = np.random.default_rng(1).normal(size=(1, 60, 2))
        >>> alike = shrunk(np.concatenate([one, 2 * one]), np.array([0, 1]))
        >>> covariance = np.diag(alike.diagonal) + alike.factor @ alike.factor.T
        >>> bool(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]) > 0.9)
        True
    """
    plain = variances(errors, level)
    nodes, origins, horizons = errors.shape
    root = np.sqrt(plain.diagonal)
    z = np.where(np.isnan(errors), 0.0, errors) / root[:, None, None]
    shrinkage = _intensity(z)
    flat = z.reshape(nodes, origins * horizons) / np.sqrt(origins * horizons)
    own = np.minimum((flat**2).sum(axis=1), 1.0)
    diagonal = plain.diagonal * (1 - (1 - shrinkage) * own)
    factor = np.sqrt(1 - shrinkage) * root[:, None] * flat
    return plain._replace(diagonal=diagonal, factor=factor, shrinkage=shrinkage)


def _intensity(z: Floats) -> float:
    """Return the estimated variance of all correlations over their squares, at most 1.

    With w the product of two nodes' errors at one origin, the mean over its horizons, a
    correlation is the mean of w over origins, and its variance the sum of squares about that
    over n (n - 1). Sums over all pairs of nodes are squares of small matrices of origins and
    horizons, so that no matrix of nodes is formed.
    """
    nodes, n, horizons = z.shape
    flat = z.reshape(nodes, n * horizons)
    gram = flat.T @ flat / horizons
    blocks = gram.reshape(n, horizons, n, horizons)
    together = (blocks**2).sum(axis=(1, 3))
    own = (z**2).sum(axis=2) / horizons
    each = np.trace(together) - (own**2).sum()
    mean = together.sum() / n**2 - ((own.sum(axis=1) / n) ** 2).sum()
    if mean <= 0:
        return 1.0
    variance = (each - n * mean) / (n * (n - 1))
    return float(min(max(variance / mean, 0.0), 1.0))
