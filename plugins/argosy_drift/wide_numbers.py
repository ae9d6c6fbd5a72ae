"""Numbers too large for a float to tell from their neighbours: what is taken off them first.

Beyond 2^53 neighbouring whole numbers are one float64. What is compared of such a column are
differences from a number near the middle of the model's reference, taken exactly: nothing that
detectors ask of two sides depends on where zero is. Both sides have the same base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from argosy.data.datasets import MODEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_EXACT = 2**53
_WIDE = (pl.Int64, pl.UInt64, pl.Int128, pl.UInt128)
_SCHEMA = {"model": pl.String, "column": pl.String, "base": pl.Float64}


def bases(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the `model`, `column` and `base` of every model's columns that need one.

    Args:
        rows: with the model of each in `argosy_model`.

    Example:
        >>> many = pl.Series([2**60, 2**60 + 1, 2**60 + 2, 5])
        >>> found = bases(pl.DataFrame({MODEL: ["a", "a", "a", "b"], "x": many}))
        >>> found["model"].to_list(), found["base"].item() == 2**60
        (['a'], True)
    """
    found = [pl.DataFrame(schema=_SCHEMA)]
    for name, kind in rows.schema.items():
        if not (kind in _WIDE or kind.is_decimal()) or not _far(rows[name].min(), rows[name].max()):
            continue
        value = pl.col(name)
        ends = rows.group_by(MODEL).agg(
            base=value.cast(pl.Float64).quantile(0.5, "nearest"), low=value.min(), high=value.max()
        )
        far = [_far(low, high) for low, high in ends.select("low", "high").iter_rows()]
        own = ends.filter(pl.Series(far, dtype=pl.Boolean))
        found.append(own.select(model=MODEL, column=pl.lit(name), base=pl.col("base").round()))
    return pl.concat(found)


def less(column: pl.Series, base: Floats) -> pl.Series:
    """Take a base off every number, exactly, and return what is left as a float.

    >>> import numpy as np
    >>> less(pl.Series([2**60 + 1, None]), np.array([2.0**60, 2.0**60])).to_list()
    [1.0, None]
    """
    kind = column.dtype
    if not (kind.is_integer() or kind.is_decimal()):
        return column.cast(pl.Float64) - pl.Series(base)
    wide = pl.Decimal(38, kind.scale) if kind.is_decimal() else pl.Int128()  # type: ignore[attr-defined]
    off = pl.Series(base).cast(pl.Int128)
    return (column.cast(wide) - off.cast(wide)).cast(pl.Float64)


def with_bases(pictures: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Put back what was taken off the `edges` of the pictures of columns.

    Args:
        pictures: `model`, `column` and `edges`.
        wanted: the `base` of each column (`argosy_drift.features`).
    """
    known = wanted.select("model", "column", "base").drop_nulls().unique(["model", "column"])
    if known.is_empty():
        return pictures
    both = pictures.join(known, on=["model", "column"], how="left", maintain_order="left")
    back = pl.col("edges").list.eval(pl.element()) + pl.col("base").fill_null(0.0)
    return both.with_columns(edges=back).drop("base")


def _far(low: object, high: object) -> bool:
    return low is not None and max(-low, high) > _EXACT  # type: ignore[operator, call-overload]
