"""How likely random sides would differ as much, from the moments of all permutations.

If rows are dealt to the sides at random, the sum S of how alike the rows of one side are is a
quadratic form in random indicators. Adding to every entry of the kernel a number for its row and
one for its column changes no comparison of the sides, so its rows and columns are made to sum to
zero off the diagonal; with p_k the probability that k given rows are all dealt to one side, then

    E S  = 0
    E S² = 2 Q (p₂ - 2 p₃ + p₄)
    E S³ = C (4 p₂ - 24 p₃ + 52 p₄ - 48 p₅ + 16 p₆) + 8 T (p₃ - 3 p₄ + 3 p₅ - p₆)

where Q and C are the sums of the squares and the cubes of the kernel's entries off the diagonal,
and T is the trace of its third power with zeros on the diagonal. A Pearson type III distribution
with these three moments gives the probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincc, ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EXACT = 300
"""Up to so many rows the trace is computed; beyond that it is estimated."""
PROBES = 24


def tail(kernel: Floats, n: int, total: float) -> float:
    """Return the probability that random sides differ as much.

    Args:
        kernel: how alike rows are, shape (rows, rows); it is overwritten.
        n: rows of one side.
        total: the sum of the centred kernel over all ordered pairs of different rows of a side.

    Example:
        >>> points = np.arange(8.0)
        >>> alike = np.exp(-np.square(points[:, None] - points) / 8)
        >>> round(tail(alike, 4, 5.0), 4)
        0.0006
    """
    variance, third = moments(centred(kernel), n)
    if variance <= 0:
        return 1.0
    step = total / np.sqrt(variance)
    skew = third / variance**1.5
    if skew < 1e-4:  # as good as normal, which is the limit
        return float(ndtr(-step))
    shape = 4 / skew**2
    return float(gammaincc(shape, max(shape + step * np.sqrt(shape), 0.0)))


def centred(kernel: Floats) -> Floats:
    """Make rows and columns sum to zero off the diagonal, which becomes zero; in place.

    Source: Székely and Rizzo, "Partial distance correlation with methods for dissimilarities",
    Annals of Statistics 42 (2014), definition 2.

    Example:
        >>> centred(np.array([[1.0, 2, 3, 6], [2, 1, 4, 5], [3, 4, 1, 1], [6, 5, 1, 1]])).sum(0)
        array([0., 0., 0., 0.])
    """
    many = len(kernel)
    np.fill_diagonal(kernel, 0.0)
    rows = kernel.sum(1)
    rows -= rows.sum() / (2 * (many - 1))
    rows /= many - 2
    kernel -= rows[:, None]
    kernel -= rows
    np.fill_diagonal(kernel, 0.0)
    return kernel


def moments(kernel: Floats, n: int) -> tuple[float, float]:
    """Return the variance and the third central moment of the sum over one side.

    Args:
        kernel: centred, shape (rows, rows).
        n: rows of the side.

    Source: Mielke and Berry, "Permutation Methods" (2007), chapter 2, for the approach.
    """
    many = len(kernel)
    p = [1.0]
    for k in range(6):
        p.append(p[-1] * max(n - k, 0) / max(many - k, 1))
    squares = float(np.einsum("ij,ij->", kernel, kernel))
    cubes = float(np.einsum("ij,ij,ij->", kernel, kernel, kernel))
    triangles = cubed(kernel)
    edges = 4 * p[2] - 24 * p[3] + 52 * p[4] - 48 * p[5] + 16 * p[6]
    return (
        2 * squares * (p[2] - 2 * p[3] + p[4]),
        cubes * edges + 8 * triangles * (p[3] - 3 * p[4] + 3 * p[5] - p[6]),
    )


def cubed(kernel: Floats) -> float:
    """Return the trace of the third power of a symmetric matrix, or an estimate of it.

    A large matrix is split into what 24 directions span, the largest eigenvectors nearly, whose
    part is exact, and the rest, whose small part is estimated by random vectors, always the same.

    Source: Meyer, Musco, Musco and Woodruff, "Hutch++: Optimal stochastic trace estimation",
    SOSA (2021).

    Example:
        >>> cubed(np.array([[0.0, 2.0], [2.0, 0.0]]))
        0.0
    """
    if len(kernel) <= EXACT:
        return float(np.einsum("ij,ij->", kernel @ kernel, kernel))
    first, second = np.random.default_rng(20070615).standard_normal((2, len(kernel), PROBES))
    span = np.linalg.qr(kernel @ first)[0]
    rest = second - span @ (span.T @ second)
    once = kernel @ np.concatenate([span, rest], axis=1)
    spanned, resting = once[:, :PROBES], once[:, PROBES:]
    resting = resting - span @ (span.T @ resting)
    twice = kernel @ np.concatenate([spanned, resting], axis=1)
    rest = twice[:, PROBES:] - span @ (span.T @ twice[:, PROBES:])
    largest = np.einsum("ij,ij->", spanned, twice[:, :PROBES])
    return float(largest + np.einsum("ij,ij->", resting, rest) / PROBES)
