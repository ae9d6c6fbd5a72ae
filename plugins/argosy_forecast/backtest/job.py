"""The backtests of a selection: errors by model and group, and every point that they are of."""

from __future__ import annotations

import polars as pl

from argosy.types import Conclusion, Found, Job, Scope, Units
from argosy.views.entities import subjects
from argosy_forecast.backtest.request import Backtest
from argosy_forecast.backtest.work import NO_BACKTESTS, perform
from argosy_forecast.layout import units_of
from argosy_forecast.tables import BACKTESTS, POINTS


def units(request: Backtest, scope: Scope) -> Units:
    """Give each version that forecasts the series that it is bound to."""
    chosen = subjects(scope.view.state, scope.models, request.alias)
    return units_of(scope.view.state, chosen, request.data)


def conclude(request: Backtest, found: Found) -> Conclusion:
    """Put the models that failed beside the others."""
    failed = found.lost.with_columns(status=pl.lit("failed"), dataset=pl.lit(request.data))
    parts = [NO_BACKTESTS, *found.answers.parts("backtests"), failed]
    rows = pl.concat(parts, how="diagonal_relaxed").select(NO_BACKTESTS.columns)
    poor = rows.filter(status="failed").select("model", "version")
    return Conclusion(
        {"backtests": rows, "backtest_points": found.answers.portions("backtest_points")},
        failed=poor.n_unique(),
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
