"""Ask a model of the times ahead of an origin, by what was known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from argosy.errors import PluginError
from argosy_forecast.calls import answered, rows_table, series_table
from argosy_forecast.steps import microseconds
from argosy_scoring.model_cache import failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from argosy_forecast.ahead import Ahead
    from argosy_forecast.grid import Grid
    from argosy_scoring.model_cache import Guarded, Models

_SAID: Mapping[str, Any] = {
    "value": pl.Float64,
    "quantiles": pl.List(pl.Float64),
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the series of one binding."""

    levels: tuple[float, ...]
    """Of the quantiles."""
    binding: Mapping[str, Any]
    zone: str
    """Of the calendar."""


def series_names(units: pl.DataFrame) -> pl.Series:
    """Return what series are called: by their key in a table that models share, else their model.

    One artifact then knows a series whichever model it is.
    """
    key = pl.col("binding").struct.field("key_value")
    return units.select(pl.coalesce(key, "model").alias("series")).to_series()


def said(
    units: pl.DataFrame,
    grid: Grid,
    ahead: Ahead,
    asked: Asked,
    models: Models,
    limit: float | None = None,
) -> pl.DataFrame:
    """Return what one artifact says of some series.

    Args:
        units: the models, all of one artifact, with the `line` of each on the grid.
        grid: with their series.
        ahead: the times.
        asked: of all of them.
        models: loads the artifact.
        limit: seconds; defaults to the option `core.time_limit`.

    Returns:
        `value`, `quantiles` and `reason`, series after series, a row for each time; where it says
        nothing, `value` is null and `reason` says why.
    """
    try:
        model = models.get(units.row(0, named=True))
        parts = _together(model, units, grid, ahead, asked, limit)
    except Exception as error:  # a stranger's model may raise anything
        parts = [silent([failure(error)] * units.height, ahead.steps)]
    return pl.concat([pl.DataFrame(schema=_SAID), *parts], how="diagonal")


def silent(reasons: Sequence[str], steps: int) -> pl.DataFrame:
    """Return the rows of series that nothing is said of, for so many times each."""
    return pl.DataFrame(
        {"reason": pl.Series(reasons, dtype=pl.String).repeat_by(steps).explode()}
    ).select(*(pl.lit(None, _SAID[name]).alias(name) for name in ("value", "quantiles")), "reason")


def _together(
    model: Guarded,
    units: pl.DataFrame,
    grid: Grid,
    ahead: Ahead,
    asked: Asked,
    limit: float | None,
) -> list[pl.DataFrame]:
    """Ask of several series at once; where that fails, of each half by itself."""
    try:
        tables = _handed(model, units, grid, ahead, asked)
        return [answered(model, tables, asked.levels, limit)]
    except PluginError as error:
        half = units.height // 2
        if not half:
            return [silent([failure(error)], ahead.steps)]
        parts = (units.head(half), units.slice(half))
        return [one for part in parts for one in _together(model, part, grid, ahead, asked, limit)]


def _handed(
    model: Guarded, units: pl.DataFrame, grid: Grid, ahead: Ahead, asked: Asked
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return the series, what was known of their past, and the times that are asked for."""
    memory = max(microseconds(model.told("memory"), "memory") // grid.step, 1)
    begin, end = ahead.last + 1 - memory, ahead.start + ahead.steps
    seen = grid.known(ahead.microseconds, begin, end)
    lines: NDArray[np.int64] = units["line"].to_numpy()
    names = series_names(units).to_list()
    past = {"value": seen.values, **seen.covariates}
    horizon = np.tile(ahead.horizon.astype(np.int32), (len(lines), 1))
    coming = {name: one[lines, -ahead.steps :] for name, one in seen.covariates.items()}
    return (
        series_table(grid, names, asked.zone),
        rows_table(
            grid, names, begin, {name: one[lines, :memory] for name, one in past.items()}, memory
        ),
        rows_table(grid, names, ahead.start, {"horizon": horizon, **coming}, ahead.steps),
    )
