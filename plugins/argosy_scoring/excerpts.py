"""The first few of many values, for reasons that name what two sides hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.kernels.values import spelt

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 4


def some(values: pl.Series) -> list[str]:
    """Return the first few values of a column as text, each once.

    >>> import polars as pl
    >>> some(pl.Series([3.0, 3.0, None, 1.5]))
    ['3', '1.5']
    """
    return spelt(values.drop_nulls().unique(maintain_order=True).head(_SHOWN)).to_list()
