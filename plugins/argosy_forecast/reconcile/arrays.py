"""Forecasts of one origin and errors of earlier ones, as arrays whose rows are nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


class Forecasted(NamedTuple):
    """What was forecast, and how wrong forecasts of earlier origins were."""

    base: Numbers
    """Shape (nodes, horizons); NaN where there is none."""
    errors: Numbers
    """Forecast less truth, shape (nodes, origins, horizons); NaN where one was not known."""


def forecasted(
    nodes: Sequence[str], forecasts: pl.DataFrame, points: pl.DataFrame, horizons: Sequence[int]
) -> Forecasted:
    """Lay forecasts and errors out.

    Args:
        nodes: the rows of the arrays.
        forecasts: `series`, `horizon` and `value`.
        points: `series`, `origin`, `horizon` and `error`; null where it was not known.
        horizons: the columns of the arrays.
    """
    base = np.full((len(nodes), len(horizons)), np.nan)
    row, column = _places(nodes, forecasts["series"]), _places(horizons, forecasts["horizon"])
    there = (row >= 0) & (column >= 0)
    base[row[there], column[there]] = forecasts["value"].fill_null(np.nan).to_numpy()[there]
    origins = points["origin"].unique().sort()
    errors = np.full((len(nodes), len(origins), len(horizons)), np.nan)
    if points.height:
        row, column = _places(nodes, points["series"]), _places(horizons, points["horizon"])
        layer = origins.search_sorted(points["origin"]).to_numpy()
        there = (row >= 0) & (column >= 0)
        known = points["error"].fill_null(np.nan).to_numpy()[there]
        errors[row[there], layer[there], column[there]] = known
    return Forecasted(base, errors)


def _places(names: Sequence[str] | Sequence[int], values: pl.Series) -> NDArray[np.int64]:
    """Return the place of each value among the names, -1 where it is none of them."""
    order = pl.DataFrame({"name": pl.Series(names, dtype=values.dtype)}).with_row_index("place")
    found = (
        values.alias("name").to_frame().join(order, on="name", how="left", maintain_order="left")
    )
    return found["place"].cast(pl.Int64).fill_null(-1).to_numpy()
