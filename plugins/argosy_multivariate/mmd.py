"""Maximum mean discrepancy of all columns of a model together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argosy.kernels import across
from argosy.types import Detector
from argosy_multivariate.answer import Answer, answers
from argosy_multivariate.blocks import between, sizes
from argosy_multivariate.encoding import encoded
from argosy_multivariate.permuted import tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_multivariate.blocks import Blocks

    Floats = NDArray[np.float64]

LEAST = 4
"""Rows that a side must have."""
ROUNDING = 1e-14
"""What may be left of zero by products that every processor rounds in another way."""


def measure(table: pa.Table) -> pa.Table:
    """Compare the distributions of whole rows, by how alike rows are to those of either side.

    The statistic is the unbiased estimator of the squared discrepancy for a Gaussian kernel whose
    width is the median distance between reference rows; the effect is its root, or 0 where it is
    negative. The p-value is that of random permutations of the sides: their mean, variance and
    skewness are computed, not sampled, and a Pearson type III distribution has them.

    Args:
        table: one row per model, with `columns`, `kinds`, `reference` and `current`.

    Returns:
        One row per row of the table, as `argosy.types.Detector` says. Undefined where a side has
        fewer than four rows.

    Source: Gretton, Borgwardt, Rasch, Schölkopf and Smola, "A kernel two-sample test", Journal of
    Machine Learning Research 13 (2012), equation 3; Mielke and Berry, "Permutation Methods"
    (2007), chapter 2, for the approximation.

    Example:
        >>> from argosy.testing.columns import sampled
        >>> found = measure(sampled("joint", rows=2, moved=True))
        >>> [p < 1e-6 for p in found["p_value"].to_pylist()]
        [True, True]
    """
    return answers(table, LEAST, compare)


def compare(
    before: Floats, after: Floats, kinds: Sequence[str], _columns: Sequence[str], blocks: Blocks
) -> Answer:
    """Compare two samples of rows, shapes (rows, columns), by their blocks."""
    points = encoded(np.concatenate([before, after]), kinds).place
    kernel = gaussian(points, len(before))
    n, m = len(before), len(after)
    own = 0.0
    if not blocks.single:
        cut = sizes(n, blocks.reference), sizes(m, blocks.current)
        kernel = between(kernel, *cut)
        n, m = (len(side) for side in cut)
        own = apart(kernel)
        np.fill_diagonal(kernel, 1.0)
    statistic = discrepancy(kernel, n)
    total = statistic / (1 / (n * (n - 1)) + 1 / (m * (m - 1)) + 2 / (n * m))
    total -= blocks.short() * (total + n * m / (n + m) * own)
    p_value = tail(kernel, n, total)
    effect = np.sqrt(statistic) if statistic > ROUNDING else 0.0
    return Answer(statistic, effect, p_value, "Pearson III")


def gaussian(points: Floats, n: int) -> Floats:
    """Return how alike rows are, in place of their squared distances.

    Args:
        points: shape (rows, coordinates).
        n: how many of the rows, the first, are the reference's.

    Returns:
        exp(-d² / 2w²), shape (rows, rows), where w is the median distance between two reference
        rows; where that is 0 because most are equal, the root of the mean of d² between any rows.

    Example:
        >>> gaussian(np.array([[0.0], [1.0], [3.0]]), 2).round(4).tolist()
        [[1.0, 0.6065, 0.0111], [0.6065, 1.0, 0.1353], [0.0111, 0.1353, 1.0]]
    """
    length = across(points**2)
    squares = points @ points.T
    squares *= -2
    squares += length[:, None]
    squares += length
    np.maximum(squares, 0.0, out=squares)
    width = float(np.median(squares[:n, :n][np.tri(n, k=-1, dtype=np.bool_)]))
    if width <= ROUNDING * length.max(initial=0.0):
        width = float(squares.mean()) or 1.0
    squares *= -0.5 / width
    return np.exp(squares, out=squares)


def apart(kernel: Floats) -> float:
    """Return how much more alike a block is to itself than to another, on average.

    Args:
        kernel: how alike blocks are, shape (blocks, blocks).

    Example:
        >>> apart(np.array([[3.0, 1.0], [1.0, 4.0]]))
        2.5
    """
    many, own = len(kernel), float(np.trace(kernel))
    return own / many - (float(kernel.sum()) - own) / (many * (many - 1))


def discrepancy(kernel: Floats, n: int) -> float:
    """Estimate the squared discrepancy without bias.

    Args:
        kernel: how alike rows are, 1 for a row and itself; shape (rows, rows).
        n: how many of the rows, the first, are the reference's.

    Example:
        >>> discrepancy(np.kron(np.eye(2), np.ones((2, 2))), 2)
        2.0
    """
    m = len(kernel) - n
    before, after, across = kernel[:n, :n].sum(), kernel[n:, n:].sum(), kernel[:n, n:].sum()
    found = (before - n) / (n * (n - 1)) + (after - m) / (m * (m - 1)) - 2 * across / (n * m)
    return float(found)


DETECTOR = Detector(
    name="mmd",
    kinds=frozenset({"joint"}),
    measure=measure,
    floor=0.1,
    effect="maximum mean discrepancy",
    default=False,
    dependence="blocks",
)
"""What the plugin offers."""
