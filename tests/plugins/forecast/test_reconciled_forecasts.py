from datetime import timedelta

import polars as pl
import pytest

import argosy

from .loads import START, grid_fleet, loads

ORIGIN = START + timedelta(days=60, hours=10)
ASKED = {"origin": ORIGIN, "lead": "14h"}
EDGES = pl.DataFrame(
    {
        "hierarchy": "grid",
        "parent": ["all", "all"],
        "child": ["east", "west"],
        "valid_from": START,
        "valid_until": None,
    },
    schema_overrides={"valid_until": pl.Datetime("us", "UTC")},
)


@pytest.fixture
def grid(empty, tmp_path):
    """The sum of two nodes, measured on its own: off by a percent of a meter's error."""
    nodes = loads(nodes=("east", "west"))
    whole = nodes.group_by("ts", maintain_order=True).agg(pl.col("mw").sum() * 1.01)
    rows = pl.concat([nodes, whole.select(pl.lit("all").alias("node"), "ts", "mw")])
    fleet = grid_fleet(empty, tmp_path, rows)
    fleet.put("hierarchy", EDGES)
    return fleet


def apart(rows):
    """How far the sum of the children lies from the parent, at most."""
    wide = rows.pivot("series", index="time", values="value")
    return (wide["all"] - wide["east"] - wide["west"]).abs().max()


@pytest.mark.parametrize("method", ["bottom_up", "wls", "mint"])
def test_children_add_up_to_their_parent(grid, method):
    grid.run("backtest", until=ORIGIN - timedelta(days=2), lead="14h", origins=20)
    base = grid.run("forecast", **ASKED).results()
    run = grid.run("reconcile", hierarchy="grid", method=method)
    rows = run.results()
    assert apart(base) > 1
    assert apart(rows) < 1e-6
    assert rows.height == base.height
    assert rows["status"].unique().to_list() == ["ok"]
    assert rows["method"].unique().to_list() == ["wls" if method == "mint" else method]
    assert rows["origins"].unique().to_list() == [20]
    assert run.summary["ok"] == 3


def test_errors_that_were_not_known_at_the_origin_are_not_used(grid):
    grid.run("backtest", until=ORIGIN + timedelta(days=2), lead="14h", origins=6)
    grid.run("forecast", **ASKED)
    rows = grid.run("reconcile", hierarchy="grid").results()
    assert rows["origins"].unique().to_list() == [3]  # of the last one a part


def test_a_transfer_within_the_horizon_moves_the_sum_with_it(grid):
    noon = ORIGIN + timedelta(hours=26)
    west = pl.col("child") == "west"
    ended = EDGES.with_columns(valid_until=pl.when(west).then(pl.lit(noon)))
    grid.put("hierarchy", ended)
    grid.run("forecast", **ASKED)
    run = grid.run("reconcile", hierarchy="grid", method="bottom_up")
    wide = run.results().pivot("series", index="time", values="value").sort("time")
    before = wide.filter(pl.col("time") < noon)
    after = wide.filter(pl.col("time") >= noon)
    assert (before["all"] - before["east"] - before["west"]).abs().max() < 1e-6
    assert (after["all"] - after["east"]).abs().max() < 1e-6
    told = run.results().filter(series="west", status="unknown")
    assert told["reason"].unique().to_list() == ["the hierarchy has no such node"]
    assert run.summary["unknown"] == 1


def test_without_a_forecast_nothing_is_reconciled(grid):
    with pytest.raises(argosy.ArgosyError, match="`argosy forecast` makes them"):
        grid.run("reconcile", hierarchy="grid")


def test_a_hierarchy_that_there_is_not_is_named(grid):
    grid.run("forecast", **ASKED)
    with pytest.raises(argosy.ArgosyError, match="mesh"):
        grid.run("reconcile", hierarchy="mesh")
