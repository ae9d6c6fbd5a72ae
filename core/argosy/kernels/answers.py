"""The answer to a metric: a number per group, how sure it is, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import ArrayLike

WORTH = "n_effective"
"""The field of an answer that says how many independent rows a group's are worth."""
NUMBERS = ("value", "error", "lower", "upper")

ANSWER = pa.struct([*((name, pa.float64()) for name in NUMBERS), ("reason", pa.string())])
"""The type of the column that `Metric.measure` answers for each name; `n_effective` may be one of
its fields too, float64."""


def answer(
    value: ArrayLike,
    reason: pa.Array | list[str | None],
    error: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    n_effective: ArrayLike | None = None,
) -> pa.StructArray:
    """Assemble the answers of one metric, one per group.

    Args:
        value: shape (groups,).
        reason: why there is no value, as strings; null where there is one. No number is given
            where there is a reason.
        error: the standard error of the value; NaN, or None altogether, where unknown.
        lower: the lower end of the 95 % interval, likewise.
        upper: its upper end, likewise.
        n_effective: how many independent rows the group's are worth, likewise; where it is given,
            the answer has a field more.

    Raises:
        ValueError: if a value that has no reason is NaN.

    Example:
        >>> answer([0.5, 0.0], [None, "no rows"]).to_pylist()[1]["reason"]
        'no rows'
    """
    told = pa.array(reason, pa.string())
    undefined = told.is_valid().to_numpy(zero_copy_only=False)
    nothing = np.full(len(told), np.nan)
    numbers = [
        nothing if part is None else np.asarray(part, np.float64)
        for part in (value, error, lower, upper)
    ]
    if (np.isnan(numbers[0]) & ~undefined).any():
        raise ValueError("a value is NaN and has no reason")
    columns = [pa.array(part, pa.float64(), mask=undefined | np.isnan(part)) for part in numbers]
    if n_effective is None:
        return pa.StructArray.from_arrays([*columns, told], fields=list(ANSWER))
    many = np.asarray(n_effective, np.float64)
    columns.append(pa.array(many, pa.float64(), mask=undefined | np.isnan(many)))
    names = [*NUMBERS, WORTH, "reason"]
    return pa.StructArray.from_arrays([*columns, told], names)


def settled(worth: pl.Expr) -> pl.Expr:
    """Return how many rows some are worth without what rounding leaves, to judge them by.

    Sums in another order, or on another processor, make 5.999999999 of 6.

    >>> import polars as pl
    >>> pl.select(settled(pl.lit(5.9999999999)).floor()).item()
    6.0
    """
    return worth.round(6)
