"""The forecasts of a selection, from one origin."""

from __future__ import annotations

from datetime import UTC, datetime

from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy_forecast.forecast.request import Forecast
from argosy_forecast.forecast.work import NO_FORECASTS, perform
from argosy_forecast.layout import beside_lost, failures, units_of
from argosy_forecast.tables import FORECASTS


def resolve(request: Forecast) -> Forecast:
    """Say which instant now is, so that a run that is resumed keeps its origin."""
    return request if request.origin else request.model_copy(update={"origin": datetime.now(UTC)})


def units(request: Forecast, scope: Scope) -> Units:
    """Give each version that forecasts the series that it is bound to."""
    return units_of(scope, request.data, request.alias)


def conclude(request: Forecast, found: Found) -> Conclusion:
    """Put the models that failed beside the others."""
    rows = beside_lost(found, "forecasts", NO_FORECASTS, request.data)
    return Conclusion({"forecasts": rows}, failed=failures(rows))


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
