"""The forecasts of a selection, from one origin."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.views.entities import subjects
from argosy_forecast.forecast.request import Forecast
from argosy_forecast.forecast.work import NO_FORECASTS, perform
from argosy_forecast.layout import units_of
from argosy_forecast.tables import FORECASTS


def resolve(request: Forecast) -> Forecast:
    """Say which instant now is, so that a run that is resumed keeps its origin."""
    return request if request.origin else request.model_copy(update={"origin": datetime.now(UTC)})


def units(request: Forecast, scope: Scope) -> Units:
    """Give each version that forecasts the series that it is bound to."""
    chosen = subjects(scope.view.state, scope.models, request.alias)
    return units_of(scope.view.state, chosen, request.data)


def conclude(request: Forecast, found: Found) -> Conclusion:
    """Put the models that failed beside the others."""
    failed = found.lost.with_columns(status=pl.lit("failed"), dataset=pl.lit(request.data))
    parts = [NO_FORECASTS, *found.answers.parts("forecasts"), failed]
    rows = pl.concat(parts, how="diagonal_relaxed").select(NO_FORECASTS.columns)
    poor = rows.filter(status="failed").select("model", "version")
    return Conclusion({"forecasts": rows}, failed=poor.n_unique())


JOB = Job(
    request=Forecast,
    tables=(FORECASTS,),
    units=units,
    perform=perform,
    conclude=conclude,
    resolve=resolve,
    plugins=("loaders", "sources"),
    done="forecast",
    doing="forecasting",
)
