"""Forecast models: artifacts of the format `forecast`, and what becomes of one that is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from argosy.errors import ArtifactError, BadInput
from argosy.types import Loader

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from argosy_forecast.forecaster import Forecaster

FORMAT = "forecast"
TASK = "forecast"


@dataclass(frozen=True, slots=True)
class ForecastModel:
    """A forecaster with what it learned."""

    forecaster: Forecaster
    content: bytes
    memory: str
    """How much of the past it looks at, as a period."""
    task: str = TASK
    classes: tuple[object, ...] = ()

    def predict(self, rows: pl.DataFrame) -> NoReturn:
        """Refuse: a forecast is made from an origin, not row by row.

        Raises:
            BadInput: always.
        """
        raise BadInput(
            "it forecasts from an origin, and predicts no single rows; use `argosy forecast` and"
            " `argosy backtest`"
        )

    def forecast(
        self, series: pa.Table, history: pa.Table, asked: pa.Table, levels: tuple[float, ...]
    ) -> pa.Table:
        """Forecast many series from one origin, as `MakeForecasts` says."""
        return self.forecaster.forecast(self.content, series, history, asked, levels)


def load(content: bytes) -> ForecastModel:
    """Read what a forecaster of this plugin wrote.

    Raises:
        ArtifactError: if it is none, or of a forecaster that is not here.
    """
    from argosy_forecast.forecasters import FORECASTERS

    try:
        name = str(json.loads(content)["argosy_forecaster"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"it is no artifact of the format {FORMAT!r}: {error!r}") from error
    if name not in FORECASTERS:
        raise ArtifactError(
            f"it is of the forecaster {name!r}, which is not here; there are"
            f" {', '.join(FORECASTERS)}"
        )
    forecaster = FORECASTERS[name]
    return ForecastModel(forecaster, content, forecaster.memory(content))


LOADER = Loader(FORMAT, load)
