"""Ridge regressions of many series, each from its own Gram matrix; in batches for LAPACK.

A product of matrices runs over the rows of one series at a time and on one thread, so what a
series learns does not depend on its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def gram(table: Floats) -> Floats:
    """Return the products of the columns of each series' table.

    Args:
        table: shape (S, N, p); a row of zeros takes no part.

    Returns:
        Shape (S, p, p).
    """
    found: Floats = np.matmul(table.swapaxes(1, 2), table)
    return found


def solved(grams: Floats, penalty: float) -> Floats:
    """Return each series' coefficients.

    Args:
        grams: of tables whose first column is 1 and whose last is the target; shape (S, p, p).
        penalty: on the squares of the coefficients of standardised columns; a row counts 1.

    Returns:
        Shape (S, p - 1), the intercept first; 0 for columns that never vary, and for series
        without rows.

    Example:
        >>> x = np.arange(5.0)
        >>> table = np.stack([np.ones(5), x, 3 + 2 * x], axis=-1)[None]
        >>> solved(gram(table), penalty=0.0).round(6).tolist()
        [[3.0, 2.0]]
    """
    rows = np.maximum(grams[:, :1, :1], 1.0)
    means = grams[:, 0, 1:] / rows[:, 0]
    spread = grams[:, 1:, 1:] / rows - means[:, :, None] * means[:, None, :]
    columns = spread.shape[1] - 1
    variance = np.diagonal(spread, axis1=1, axis2=2)[:, :columns]
    varies = variance > 1e-10
    width = np.where(varies, np.sqrt(np.maximum(variance, 1e-10)), 1.0)
    inner = spread[:, :columns, :columns] / (width[:, :, None] * width[:, None, :])
    both = varies[:, :, None] & varies[:, None, :]
    system = np.where(both, inner, 0.0)
    place = np.arange(columns)
    more = penalty / rows[:, 0] + 1e-12
    system[:, place, place] = np.where(varies, system[:, place, place] + more, 1.0)
    towards = np.where(varies, spread[:, :columns, columns] / width, 0.0)
    found = np.linalg.solve(system, towards[:, :, None])[:, :, 0] / width
    shift = means[:, columns] - np.matmul(means[:, None, :columns], found[:, :, None])[:, 0, 0]
    return np.concatenate([shift[:, None], found], axis=1)


def applied(table: Floats, coefficients: Floats) -> Floats:
    """Return the product of each series' table and its coefficients; shape (S, N)."""
    found: Floats = np.matmul(table, coefficients[:, :, None])[:, :, 0]
    return found
