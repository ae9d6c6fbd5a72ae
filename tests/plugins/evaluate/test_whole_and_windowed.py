"""Numbers of all rows and of windows never stand for each other, and each says what it is of."""

import json

import polars as pl
import pytest

from argosy.errors import UnknownName
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run as cli

BARS = "▁▂▃▄▅▆▇█"


@pytest.fixture
def dated(tmp_path):
    """Make a fleet of which each model has 60 rows on each of six days, ten of the last's alone."""
    fleet = logged_fleet(tmp_path, models=3, rows=360)
    path = tmp_path / "holdout.parquet"
    place = pl.int_range(pl.len()).over("client")
    rows = pl.read_parquet(path).with_columns(
        when=pl.datetime(2026, 1, 1) + pl.duration(minutes=place * 24)
    )
    rows.filter(place < 310).write_parquet(path)
    own = {"role": "holdout", "url": str(path), "key": "client", "truth": "label"}
    fleet.bind([{**own, "score": "score", "timestamp": "when"}])
    return fleet


@pytest.fixture
def on(dated, capsys):
    def command(*arguments):
        assert cli(["--fleet", dated.url, *arguments]) == 0
        return capsys.readouterr().out

    return command


def values(fleet, **of):
    rows = fleet.evaluations().filter(**of).collect()
    return rows.sort("window_start", nulls_last=False)


def test_a_window_says_whether_it_is_whole(dated):
    dated.evaluate(metrics=["auc"], window="1d")
    dated.evaluate(metrics=["auc"])
    whole = values(dated, model="m0", slice="all")["whole"].to_list()

    assert whole == [None, *[True] * 5, False]


def test_windows_of_so_many_rows_are_whole_once_they_have_them(dated):
    dated.evaluate(metrics=["auc"], window="100 rows")
    rows = values(dated, model="m0").sort("window")

    assert dict(rows.select("n", "whole").rows()) == {100: True, 10: False}


def test_a_window_whose_labels_are_too_young_is_not_whole(dated, tmp_path):
    own = {"role": "holdout", "url": str(tmp_path / "holdout.parquet"), "key": "client"}
    more = {"truth": "label", "score": "score", "timestamp": "when", "label_delay": "36h"}
    dated.bind([{**own, **more}])
    dated.evaluate(metrics=["auc"], window="1d")
    known = values(dated, model="m0", metric="auc")

    assert known["whole"].to_list() == [True, True, True, False]
    assert known["immature"].to_list()[:3] == [0, 0, 0]


def test_s2_14_the_leaderboard_never_ranks_a_part_of_the_data_against_all_of_it(dated, on):
    dated.evaluate(metrics=["auc"])
    before = dated.leaderboard("auc")
    dated.evaluate("model <> 'm2'", metrics=["auc"], window="1d")

    assert dated.leaderboard("auc").equals(before)
    assert before["window"].to_list() == [None] * 3
    assert "auc on 'holdout', all rows" in on("leaderboard", "--metric", "auc")


def test_windows_alone_are_ranked_by_the_newest_whole_one_and_say_so(dated, on):
    dated.evaluate("model <> 'm2'", metrics=["auc"], window="1d")
    board = dated.leaderboard("auc")
    groups = dated.leaderboard("auc", group_by="team")
    told = on("leaderboard", "--metric", "auc")

    assert board.select("model", "window", "n").sort("model").rows() == [
        ("m0", "2026-01-05", 60), ("m1", "2026-01-05", 60),
    ]  # fmt: skip
    assert groups["window"].unique().to_list() == ["2026-01-05"]
    assert "auc on 'holdout', the window 2026-01-05" in told
    assert "1 more of the models have no such number" in told


def test_a_window_can_be_named(dated):
    dated.evaluate(metrics=["auc"])
    dated.evaluate(metrics=["auc"], window="1d")

    assert set(dated.leaderboard("auc", window="2026-01-02")["window"]) == {"2026-01-02"}
    with pytest.raises(UnknownName, match="no window is called '2026-02-01'"):
        dated.leaderboard("auc", window="2026-02-01")


def test_the_fleets_metrics_are_of_all_rows_and_say_what_they_are_of(dated):
    dated.evaluate(metrics=["auc"], window="1d")
    row = dated.sql("SELECT model, metrics, metrics_data, metrics_window FROM fleet")
    windowed = row.filter(model="m0").row(0, named=True)
    dated.evaluate(metrics=["auc"])
    dated.evaluate(metrics=["auc"], window="1d", fresh=True)
    plain = dated.overview().filter(model="m0").row(0, named=True)
    of = {"model": "m0", "metric": "auc"}

    assert (windowed["metrics_data"], windowed["metrics_window"]) == ("holdout", "2026-01-05")
    assert windowed["metrics"]["auc"] == values(dated, window="2026-01-05", **of)["value"][0]
    assert (plain["metrics_data"], plain["metrics_window"]) == ("holdout", None)
    assert plain["metrics"]["auc"] == values(dated, **of)["value"][0]


def test_a_day_and_a_month_of_one_name_stand_beside_each_other(dated):
    dated.evaluate(metrics=["auc"], window="1d")
    dated.evaluate(metrics=["auc"], window="1mo")
    first = dated.standing().filter(model="m0", window="2026-01-01").collect()

    assert first.height == 2


def test_s2_14_show_draws_a_bar_per_whole_window_and_all_rows_apart(dated, on):
    dated.evaluate(metrics=["auc", "accuracy"])
    dated.evaluate(metrics=["auc"], window="1d")
    told = on("show", "m0", "--metrics")
    plain, windows = told.split("the newest whole window, and how windows went")
    course = next(line for line in windows.splitlines() if " auc " in line)

    assert "all rows, version by version" in plain
    assert " accuracy " in plain
    assert " accuracy " not in windows
    assert not any(letter in plain for letter in BARS)
    assert sum(letter in BARS for letter in course) == 5
    assert "2026-01-05" in course
    rows = json.loads(on("show", "m0", "--metrics", "--json"))["metrics"]
    assert [row["whole"] for row in rows if row["window"]] == [*[True] * 5, False]


def test_s2_14_the_summary_names_the_window_of_the_worst(on):
    told = on("evaluate", "--metric", "auc", "--window", "1d")

    assert "worst_window" in told
    assert "2026-01-0" in told
    assert "worst_window" not in on("evaluate", "--metric", "auc")


def test_s2_15_show_takes_a_limit(dated, on):
    dated.evaluate(metrics=["auc", "accuracy"], window="1d")

    assert "… and 10 more; --limit 0" in on("show", "m0", "--limit", "2")
    assert "more; --limit" not in on("show", "m0", "--limit", "0")
