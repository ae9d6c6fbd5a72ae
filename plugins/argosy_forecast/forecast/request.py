"""What forecasts are asked for."""

from __future__ import annotations

from pydantic import Field

from argosy.types.request import Alias, Moment, Request, Role
from argosy_forecast.requested import Levels, Period


class Forecast(Request):
    """Forecast every selected series from one origin, using only what was known then.

    A model that fails, whose data has not come or that is late gives way to the value of the
    season before; the row says so.
    """

    data: Role = Field("history", description="The role of the series' values.")
    alias: Alias | None = Field(
        None, description="Forecast with its version; defaults to the newest version of each model."
    )
    origin: Moment | None = Field(
        None, description="What was available by then is known, and nothing else; defaults to now."
    )
    horizon: Period = Field("1d", description="How far ahead of the first time.")
    lead: Period | None = Field(
        None,
        description="How long after the origin the first time lies; defaults to the next step.",
    )
    levels: Levels = Field((), description="Levels of the quantiles to forecast, as 0.1.")
    stale: Period = Field(
        "1d",
        description="A series whose newest known value is older falls back to its season.",
    )
    season: Period = Field("1w", description="What a fallback takes the value before of.")
    deadline: Moment | None = Field(
        None, description="What is not ready by then falls back to its season."
    )
