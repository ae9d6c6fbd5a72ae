from datetime import timedelta

import polars as pl
import pytest

import argosy

from .loads import NODES, START, grid_fleet, loads

UNTIL = START + timedelta(days=66, hours=10)
ASKED = {"until": UNTIL, "lead": "14h", "origins": 4, "every": "1d", "season": "1w"}


@pytest.fixture
def grid(empty, tmp_path):
    return grid_fleet(empty, tmp_path, loads())


def points(fleet, run):
    rows = fleet.table("backtest_points").filter(run_id=run.id).collect()
    return rows.drop("run_id", "at").sort("model", "origin", "time")


def test_a_backtest_measures_every_model_beside_the_season_before(grid):
    run = grid.run("backtest", **ASKED)
    found = run.results().filter(metric="wape")
    assert run.summary["ok"] == 3
    assert found["n"].to_list() == [96] * 3
    assert found["origins"].to_list() == [4] * 3
    assert (found["value"] == found["naive"]).all()  # it is the season before
    assert (found["value"] < 0.05).all()


def test_points_say_what_was_forecast_beside_what_came_true(grid):
    rows = points(grid, grid.run("backtest", **ASKED))
    first = rows.row(0, named=True)
    assert first["time"] == UNTIL + timedelta(days=-3, hours=14)
    assert first["horizon"] == 14
    whole = loads().filter(node=first["model"])
    at = dict(whole.select("ts", "mw").iter_rows())
    assert first["truth"] == at[first["time"]]
    assert first["value"] == at[first["time"] - timedelta(days=7)]
    assert rows.height == 3 * 4 * 24


def test_errors_are_cut_by_block_season_and_hour(grid):
    by = {"by": ("block", "hour"), "blocks": ("6h", "1d")}
    rows = grid.run("backtest", **ASKED, **by).results().filter(metric="mae")
    assert rows.filter(pl.col("block").is_null()).height == 3
    cut = rows.filter(pl.col("block").is_not_null())
    assert cut["block"].unique().sort().to_list() == [19, 37]
    assert cut.group_by("model").len()["len"].to_list() == [24] * 3


def test_the_last_origin_is_by_default_the_last_that_has_come_true(grid):
    rows = points(grid, grid.run("backtest", origins=1))
    assert rows["time"].max() == loads()["ts"].max()
    assert rows["truth"].null_count() == 0


@pytest.mark.parametrize("available_at", [None, "3h", "sent"])
def test_nothing_that_came_later_moves_a_forecast(tmp_path, available_at):
    """What is available after an origin is changed, and no forecast from it moves."""
    rows = loads().with_columns(sent=pl.col("ts") + pl.duration(hours=5))
    lag = {None: 0, "3h": 3, "sent": 5}[available_at]
    asked = {**ASKED, "origins": 1}
    found = []
    later = pl.col("ts") + pl.duration(hours=lag) > UNTIL
    for place, change in enumerate((pl.col("mw"), pl.when(later).then(-9.0).otherwise("mw"))):
        folder = tmp_path / str(place)
        folder.mkdir()
        fleet = argosy.open(str(folder / "fleet"), create=True, actor="tests")
        told = rows.with_columns(mw=change)
        grid_fleet(fleet, folder, told, available_at=available_at)
        found.append(points(fleet, fleet.run("backtest", **asked)).select("model", "time", "value"))
    assert found[0].equals(found[1])
    assert found[0]["value"].null_count() == 0


def test_a_model_is_backtested_alike_alone_and_beside_others(grid):
    together = points(grid, grid.run("backtest", **ASKED))
    alone = points(grid, grid.run("backtest", "model = 'north'", **ASKED))
    assert alone.equals(together.filter(model="north"))


def test_a_series_without_rows_is_a_row_with_its_reason(empty, tmp_path):
    grid = grid_fleet(empty, tmp_path, loads())
    grid.bind(
        {
            "role": ["history"],
            "model": ["west"],
            "url": [str(tmp_path / "loads.parquet")],
            "key": ["node"],
            "key_value": ["south"],
            "timestamp": ["ts"],
            "truth": ["mw"],
            "frequency": ["1h"],
        }
    )
    run = grid.run("backtest", **ASKED)
    assert run.summary["failed"] == 1
    told = run.failures().row(0, named=True)
    assert told["model"] == "west"
    assert "there is no row" in told["reason"]
    assert set(NODES) - {"west"} == set(run.results().filter(status="ok")["model"])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"every": "1mo"}, "has no one length"),
        ({"levels": (0.9, 0.1)}, "in ascending order"),
        ({"by": ("weekday",)}, "cannot be cut by 'weekday'"),
        ({"blocks": ("1d", "6h")}, "one after the other"),
        ({"origins": 0}, "origins"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(grid, asked, told):
    before = grid.runs().collect().height
    with pytest.raises(argosy.ArgosyError, match=told):
        grid.run("backtest", **asked)
    assert grid.runs().collect().height == before
