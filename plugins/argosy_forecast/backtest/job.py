"""The backtests of a selection: errors by model and group, and every point that they are of."""

from __future__ import annotations

from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy_forecast.backtest.request import Backtest
from argosy_forecast.backtest.work import NO_BACKTESTS, perform
from argosy_forecast.layout import beside_lost, failures, units_of
from argosy_forecast.tables import BACKTESTS, POINTS


def units(request: Backtest, scope: Scope) -> Units:
    """Give each version that forecasts the series that it is bound to."""
    return units_of(scope, request.data, request.alias)


def conclude(request: Backtest, found: Found) -> Conclusion:
    """Put the models that failed beside the others."""
    rows = beside_lost(found, "backtests", NO_BACKTESTS, request.data)
    return Conclusion(
        {"backtests": rows, "backtest_points": found.answers.portions("backtest_points")},
        failed=failures(rows),
    )


JOB = Job(
    request=Backtest,
    tables=(BACKTESTS, POINTS),
    units=units,
    perform=perform,
    conclude=conclude,
    plugins=("loaders", "sources"),
    done="backtested",
    doing="backtesting",
)
