"""Forecasts of the M4 competition's sets, scored as its organisers did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from argosy.errors import BadInput
from argosy_forecast.metrics.naive2 import naive2
from argosy_forecast.metrics.owa import owa
from argosy_forecast.metrics.scale import naive_scale
from argosy_forecast.metrics.score import score

if TYPE_CHECKING:
    from collections.abc import Mapping

M4_SETS: Mapping[str, tuple[int, int]] = {
    "yearly": (1, 6),
    "quarterly": (4, 8),
    "monthly": (12, 18),
    "weekly": (1, 13),
    "daily": (1, 14),
    "hourly": (24, 48),
}
"""How many steps a season of each set has, and how many are forecast."""


def m4(series: pl.DataFrame, forecasts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Score forecasts of a set of M4 by sMAPE, MASE and OWA.

    Naive2 is worked out from the histories, as the method `naive2`.

    Args:
        series: `series`, `part` (`train` or `test`), `step` and `y`.
        forecasts: `method`, `series`, `step` and `forecast`.
        name: of the set, such as `weekly`.

    Returns:
        What `owa` finds.

    Raises:
        BadInput: if no set has that name, a series lacks steps, or a forecast is of none.

    Source: Makridakis, Spiliotis and Assimakopoulos, International Journal of Forecasting 36
    (2020).

    Example:
        >>> history = {"part": ["train"] * 3 + ["test"] * 6, "step": [1, 2, 3, *range(1, 7)]}
        >>> series = pl.DataFrame({"series": "Y1", **history, "y": [2.0, 4.0, 4.0] + [5.0] * 6})
        >>> right = pl.DataFrame({
        ...     "method": "oracle", "series": "Y1", "step": range(1, 7), "forecast": 5.0
        ... })
        >>> m4(series, right, "yearly").select("method", "mase", "owa").rows()
        [('naive2', 1.0, 1.0), ('oracle', 0.0, 0.0)]
    """
    if name not in M4_SETS:
        raise BadInput(f"M4 has no set {name!r}; it has {', '.join(M4_SETS)}")
    if "naive2" in forecasts["method"]:
        raise BadInput("the method naive2 is worked out here; give yours another name")
    season, horizon = M4_SETS[name]
    train = series.filter(pl.col("part") == "train").sort("series", "step")
    test = series.filter(pl.col("part") == "test").select("series", "step", truth="y")
    known = train.group_by("series", maintain_order=True).agg("y")
    _refuse_short(known, test, horizon)
    values = known["y"].explode().cast(pl.Float64).to_numpy()
    lengths = known["y"].list.len().cast(pl.Int64).to_numpy()
    scales = known.select("series", scale=pl.Series(naive_scale(values, lengths, season)))
    yardstick = pl.DataFrame(
        {
            "method": "naive2",
            "series": np.repeat(known["series"].to_numpy(), horizon),
            "step": np.tile(np.arange(1, horizon + 1), known.height),
            "forecast": naive2(values, lengths, season, horizon).ravel(),
        }
    )
    columns = [
        pl.col("method"),
        pl.col("series"),
        pl.col("step").cast(pl.Int64),
        pl.col("forecast"),
    ]
    points = pl.concat([forecasts.select(columns), yardstick.select(columns)])
    stray = points.join(test, on=["series", "step"], how="anti")
    if stray.height:
        raise BadInput(
            f"{stray.height} forecasts are of no step of the set {name}, such as"
            f" {stray['series'][0]}, step {stray['step'][0]}"
        )
    whole = (
        points.select("method")
        .unique()
        .join(test, how="cross")
        .join(points, on=["method", "series", "step"], how="left", validate="1:m")
        .join(scales, on="series", how="left")
        .rename({"step": "horizon", "forecast": "value"})
        .with_columns(origin=0)
    )
    return owa(_none_missing(score(whole)))


def _none_missing(scores: pl.DataFrame) -> pl.DataFrame:
    """Take away the figures of a method that lacks a step of the series."""
    return scores.with_columns(value=pl.when(pl.col("left_out") == 0).then("value"))


def _refuse_short(known: pl.DataFrame, test: pl.DataFrame, horizon: int) -> None:
    steps = test.group_by("series").agg(
        pl.len() == horizon, first=pl.col("step").min(), last=pl.col("step").max()
    )
    both = known.join(steps, on="series", how="full", coalesce=True).sort("series")
    whole = pl.col("len") & (pl.col("first") == 1) & (pl.col("last") == horizon)
    short = both.filter(~(whole & pl.col("y").is_not_null()).fill_null(value=False))
    if short.height:
        told = ", ".join(short["series"].head(3))
        raise BadInput(
            f"{short.height} series lack a history or the {horizon} steps to forecast, such as"
            f" {told}"
        )
