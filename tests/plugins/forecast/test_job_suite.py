"""Backtests, forecasts and reconciliations do what every job must do."""

from datetime import timedelta

import polars as pl

import argosy
from argosy.testing.jobs import JobSuite

from .loads import START, grid_fleet, loads

ORIGIN = (START + timedelta(days=60, hours=10)).isoformat()
NODES = tuple(f"n{number}" for number in range(6))


class OfSeries(JobSuite):
    def fleet(self, folder):
        """Make one whose models repeat the week before."""
        folder.mkdir(exist_ok=True)
        fleet = argosy.open(str(folder / "fleet"), create=True, actor="suite")
        return grid_fleet(fleet, folder, loads(nodes=NODES))


class TestForecast(OfSeries):
    name = "forecast"
    request = {"origin": ORIGIN, "lead": "14h", "levels": (0.1, 0.9)}
    refused = {"horizon": "1mo", "levels": (0.9, 0.1), "season": "never"}


class TestBacktest(OfSeries):
    name = "backtest"
    request = {"until": ORIGIN, "origins": 3, "by": ("block",), "blocks": ("6h",)}
    refused = {"every": "0d", "by": ("weekday",), "blocks": ("1d", "6h")}


class TestReconcile(OfSeries):
    name = "reconcile"
    request = {"hierarchy": "grid", "method": "bottom_up"}
    refused = {"method": "by_hand"}
    reads = False

    def fleet(self, folder):
        """Make one that has forecast, and whose last node is the sum of the others."""
        fleet = super().fleet(folder)
        edges = pl.DataFrame({"parent": NODES[-1], "child": NODES[:-1], "valid_from": START})
        ended = pl.lit(None, pl.Datetime("us", "UTC"))
        fleet.put("hierarchy", edges.with_columns(hierarchy=pl.lit("grid"), valid_until=ended))
        fleet.run("forecast", origin=ORIGIN, lead="14h")
        return fleet


del OfSeries
