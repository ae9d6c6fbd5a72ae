"""The tables that a forecaster is handed, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from argosy.data.times import UTC
from argosy.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from argosy_forecast.grid import Grid
    from argosy_scoring.model_cache import Guarded

ANSWER = pa.schema([("value", pa.float64()), ("reason", pa.string())])


def series_table(grid: Grid, names: Sequence[str], zone: str) -> pa.Table:
    """Return the table of the series of a call; where times are a clock's, its zone is UTC."""
    told = zone if grid.clock is None else UTC
    return pa.table({"series": list(names), "zone": [told] * len(names)})


def rows_table(
    grid: Grid, names: Sequence[str], start: int, columns: Mapping[str, NDArray[Any]], width: int
) -> pa.Table:
    """Return the rows of some series over `width` times from a column of the grid.

    Times of a grid that goes by a clock are what the clock shows, so that they are one step apart.

    Args:
        grid: whose times they are.
        names: of the series.
        start: the column of the first time; may lie outside of the grid.
        columns: shape (series, width) each.
        width: how many times.
    """
    places = grid.first + (start + np.arange(width)) * grid.step
    times = pl.Series(places).cast(pl.Datetime("us", UTC)).to_arrow()
    count = len(names)
    index = pa.array(np.repeat(np.arange(count, dtype=np.int32), width))
    table = {
        "series": pa.DictionaryArray.from_arrays(index, pa.array(list(names))).cast(pa.string()),
        "time": pa.chunked_array([times] * count, times.type),
    }
    for name, values in columns.items():
        flat = np.ascontiguousarray(values).reshape(-1)
        table[name] = pa.array(flat, from_pandas=flat.dtype.kind == "f")
    return pa.table(table)


def answered(
    model: Guarded,
    tables: tuple[pa.Table, pa.Table, pa.Table],
    levels: tuple[float, ...],
    limit: float | None = None,
) -> pl.DataFrame:
    """Let a model forecast, and hold it to one sound answer per row that was asked for.

    Returns:
        `value`, `quantiles` (null where it gives none) and `reason` (why there is no value, or what
        is doubtful of it; null where all is well), one row per row asked.

    Raises:
        BadInput: if the model cannot forecast, or answers with other rows or columns.
        PluginError: if it fails or hangs.
    """
    found = model.ask("forecast", *tables, levels, answers=pa.Table, limit=limit)
    asked = tables[2]
    if found.num_rows != asked.num_rows:
        raise BadInput(f"the model forecast {found.num_rows} rows for {asked.num_rows}")
    if "value" not in found.column_names:
        raise BadInput("the model answered without the column 'value'")
    answer = pl.DataFrame(found)
    value = answer["value"].cast(pl.Float64, strict=False)
    odd = value.is_not_null() & ~value.is_finite()
    blank = pl.lit(None, pl.String)
    why, doubt = (
        answer.select(pl.col(name).cast(pl.String) if name in answer.columns else blank)
        .to_series()
        .alias(name)
        for name in ("reason", "flag")
    )
    return pl.DataFrame(
        {
            "value": value.set(odd, None),
            "quantiles": _quantiles(answer, len(levels)),
            "reason": why,
            "doubt": doubt,
        }
    ).select(
        "value",
        "quantiles",
        reason=pl.when(pl.col("value").is_null())
        .then(pl.coalesce("reason", pl.lit("the model forecast no number")))
        .otherwise("doubt"),
    )


def _quantiles(answer: pl.DataFrame, levels: int) -> pl.Series:
    """Return the quantiles of each row in ascending order, null where one is no number."""
    kind = pl.List(pl.Float64)
    if "quantiles" not in answer.columns or not levels:
        return pl.Series([None] * answer.height, dtype=kind)
    given = answer["quantiles"]
    listed = given.arr.to_list() if isinstance(given.dtype, pl.Array) else given
    listed = listed.cast(kind)
    whole = pl.col("q").list.len() == levels
    finite = pl.col("q").list.eval(pl.element().is_finite()).list.all()
    crossing = pl.col("q").list.sort()
    frame = listed.alias("q").to_frame()
    return frame.select(pl.when(whole & finite).then(crossing)).to_series()
