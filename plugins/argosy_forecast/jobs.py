"""The jobs of this package, each loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.types import JobKind

if TYPE_CHECKING:
    from argosy.types import Job
    from argosy_forecast.backtest.request import Backtest
    from argosy_forecast.forecast.request import Forecast
    from argosy_forecast.reconcile.request import Reconcile


def _backtest() -> Job[Backtest]:
    from argosy_forecast.backtest.job import JOB

    return JOB


def _forecast() -> Job[Forecast]:
    from argosy_forecast.forecast.job import JOB

    return JOB


def _reconcile() -> Job[Reconcile]:
    from argosy_forecast.reconcile.job import JOB

    return JOB


JOBS = (
    JobKind("backtest", "Forecast the past by what was known then, and measure it.", _backtest),
    JobKind("forecast", "Forecast series from one origin, by what was known then.", _forecast),
    JobKind("reconcile", "Make forecasts add up along a hierarchy.", _reconcile),
)
