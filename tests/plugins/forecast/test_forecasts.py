from datetime import timedelta

import polars as pl
import pytest

from .loads import START, grid_fleet, loads

ORIGIN = START + timedelta(days=60, hours=10)
ASKED = {"origin": ORIGIN, "lead": "14h"}


@pytest.fixture
def grid(empty, tmp_path):
    return grid_fleet(empty, tmp_path, loads())


def test_a_forecast_starts_after_its_lead_and_lasts_its_horizon(grid):
    rows = grid.run("forecast", **ASKED).results()
    assert rows["time"].min() == ORIGIN + timedelta(hours=14)
    assert rows.group_by("model").len()["len"].to_list() == [24] * 3
    assert rows["flag"].unique().to_list() == ["model"]
    assert rows["horizon"].min() == 14
    assert rows["value"].null_count() == 0


def test_without_a_lead_the_next_step_is_the_first(grid):
    rows = grid.run("forecast", origin=ORIGIN, horizon="3h").results().filter(model="east")
    assert rows["horizon"].to_list() == [1, 2, 3]
    assert rows["time"][0] == ORIGIN + timedelta(hours=1)


def test_a_feed_that_dropped_gives_a_flagged_forecast_of_the_season_before(empty, tmp_path):
    rows = loads()
    down = (pl.col("node") == "north") & (pl.col("ts") > ORIGIN - timedelta(days=3))
    grid = grid_fleet(empty, tmp_path, rows.filter(~down))
    run = grid.run("forecast", **ASKED)
    found = run.results().filter(model="north")
    assert found["flag"].unique().to_list() == ["fallback"]
    assert found["status"].unique().to_list() == ["failed"]
    assert found["value"].null_count() == 0
    assert "it has had no value since 2024-02-27 10:00" in found["reason"][0]
    assert run.summary["failed"] == 1
    at = dict(rows.filter(node="north").select("ts", "mw").iter_rows())
    assert found["value"][0] == at[found["time"][0] - timedelta(days=7)]
    listed = grid.triage().filter(model="north")
    assert listed["cause"].to_list() == ["forecast fell back"]
    assert run.results().filter(pl.col("model") != "north")["flag"].unique().to_list() == ["model"]


def test_what_is_not_ready_by_the_deadline_is_the_flagged_fallback(grid):
    run = grid.run("forecast", **ASKED, deadline=START)
    rows = run.results()
    assert rows["flag"].unique().to_list() == ["fallback"]
    assert rows["reason"].unique().to_list() == ["the model was not ready by the deadline"]
    assert rows["value"].null_count() == 0
    assert run.summary["failed"] == 3


def test_a_model_of_another_task_is_told_so(grid, tmp_path):
    grid.register({"model": ["other"], "version": ["1"], "task": ["regression"]})
    run = grid.run("forecast", **ASKED)
    told = dict(run.failures().select("model", "reason").iter_rows())
    assert set(told) == {"other"}
    assert "it has no artifact" in told["other"]


def test_a_forecast_model_predicts_no_rows_without_features(grid):
    run = grid.predict(data="history")
    assert run.summary["failed"] == 3
    assert "declares no feature" in run.failures()["reason"][0]


def test_a_resumed_run_keeps_its_origin(grid):
    run = grid.run("forecast", horizon="2h", stale="10000d")
    assert grid.past_run(run.id).results()["origin"].n_unique() == 1
