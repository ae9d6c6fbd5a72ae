"""Add up the numbers of models in an order that depends on nothing but these numbers.

A sum of floating-point numbers depends, in its last bits, on the order of addition. A product of
matrices adds in whatever order suits the processor and the shape of the whole, and NumPy's `sum`
along an axis in another where one column stands alone. Both make the result of a model depend on
which models share its chunk. So whatever is added up over the rows or cells of a model is added
up here, or in a compiled loop over its own rows:

- `sums` and `runs`: every list of a flat array, by itself. The order follows from its length (the
  first element, and to it the pairwise sum of the rest).
- `running`: the same, with every sum on the way. A running sum over several lists, less what it
  was where a list began, has the rounding of the lists before in it.
- `down` and `across`: a table column by column, or row by row, one number after the other. Zeros
  at the end change nothing, so rows may be padded to the longest of their neighbours.
- `total`, `mean` and `spread`: the groups of a polars query, each in the order of its rows.

`np.bincount` and `np.cumsum` add one number after the other too. `tests/test_addition.py` refuses
other sums outside a short list of places, each with its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.kernels.compiled import compiled

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def sums(values: NDArray[Any], lengths: Ints) -> NDArray[Any]:
    """Add up every list; of truths, count them. Whole numbers wrap.

    Args:
        values: lists end to end along the last axis, shape (..., elements).
        lengths: how many elements each list has; an empty one adds up to 0.

    Returns:
        Shape (..., lists).

    Example:
        >>> sums(np.array([True, False, True]), np.array([2, 0, 1])).tolist()
        [1, 0, 1]
        >>> sums(np.array([[1.0, 2.0], [0.5, 0.5]]), np.array([2])).tolist()
        [[3.0], [1.0]]
    """
    kind = np.int64 if values.dtype == np.bool_ else values.dtype
    filled = lengths > 0
    if filled.all() and len(lengths):
        return np.add.reduceat(values, np.cumsum(lengths) - lengths, axis=-1, dtype=kind)
    found = np.zeros((*values.shape[:-1], len(lengths)), kind)
    if filled.any():
        starts = (np.cumsum(lengths) - lengths)[filled]
        found[..., filled] = np.add.reduceat(values, starts, axis=-1, dtype=kind)
    return found


def runs(values: NDArray[Any], heads: Ints) -> NDArray[Any]:
    """Add up every run of elements that begins at a head, as `sums` does; none is empty.

    Example:
        >>> runs(np.array([1.0, 2.0, 5.0]), np.array([0, 2])).tolist()
        [3.0, 5.0]
    """
    found: NDArray[Any] = np.add.reduceat(values, heads, axis=-1)
    return found


@compiled
def running(values: Floats, lengths: Ints) -> Floats:
    """Return the sum of every list up to and with each of its elements.

    Args:
        values: lists end to end, shape (elements,).
        lengths: how many elements each list has.

    Example:
        >>> running(np.array([1.0, 2.0, 5.0]), np.array([2, 0, 1])).tolist()
        [1.0, 3.0, 5.0]
    """
    found = np.empty(len(values))
    place = 0
    for length in lengths:
        total = 0.0
        for _ in range(length):
            total += values[place]
            found[place] = total
            place += 1
    return found


def down(table: NDArray[Any]) -> NDArray[Any]:
    """Add up each column, from the first row to the last.

    Args:
        table: shape (rows, ...), as a rule few rows.

    Example:
        >>> down(np.array([[1.0, 2.0], [0.5, 0.5], [0.0, 4.0]])).tolist()
        [1.5, 6.5]
    """
    found = np.zeros(table.shape[1:], np.result_type(table, np.float64))
    for row in table:
        found += row
    return found


def across(table: NDArray[Any]) -> NDArray[Any]:
    """Add up each row, from the first column to the last.

    Args:
        table: shape (..., columns); a row may end in zeros that are not its own.

    Example:
        >>> across(np.array([[1.0, 2.0, 0.0], [0.5, 0.5, 4.0]])).tolist()
        [3.0, 5.0]
    """
    if not table.shape[-1]:
        return np.zeros(table.shape[:-1])
    found: NDArray[Any] = np.cumsum(table, axis=-1, dtype=np.float64)[..., -1]
    return found


def total(column: pl.Expr) -> pl.Expr:
    """Add up a column of floating-point numbers in the order of its rows; null counts as nothing.

    Example:
        >>> import polars as pl
        >>> pl.DataFrame({"x": [1.0, None, 2.0]}).select(total(pl.col("x"))).item()
        3.0
    """
    return column.fill_null(0.0).cum_sum().last().fill_null(0.0)


def mean(column: pl.Expr) -> pl.Expr:
    """Return the mean of what is not null; null where nothing is.

    Example:
        >>> import polars as pl
        >>> pl.DataFrame({"x": [1.0, None, 2.0]}).select(mean(pl.col("x"))).item()
        1.5
    """
    import polars as pl

    return pl.when(column.count() > 0).then(total(column) / column.count())


def spread(column: pl.Expr) -> pl.Expr:
    """Return the standard deviation of a sample; null where it has fewer than two numbers.

    Example:
        >>> import polars as pl
        >>> pl.DataFrame({"x": [1.0, 3.0]}).select(spread(pl.col("x"))).item() ** 2
        2.0000000000000004
    """
    import polars as pl

    squares = total((column - mean(column)) ** 2)
    return pl.when(column.count() > 1).then((squares / (column.count() - 1)).sqrt())
