"""The commands that evaluate, rank and show metrics, and what stands of evaluations."""

import json

import numpy as np
import polars as pl
import pytest

from argosy.errors import BadInput, UnknownName
from argosy.testing.fleets import logged_fleet
from argosy.views.metrics import worst_slices
from argosy_cli.main import run as cli
from argosy_evaluate.summary import by_metric


@pytest.fixture
def on(fleet, capsys):
    def command(*arguments):
        code = cli(["--fleet", fleet.url, *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_evaluate_says_how_the_fleet_stands_and_what_is_worst(on, fleet):
    code, out, _ = on("evaluate", "--metric", "auc", "--metric", "log_loss")
    rows = fleet.evaluations().collect()

    assert code == 0
    assert "6 of 6 models evaluated, 0 failed" in out
    for metric, worst in (("auc", "min"), ("log_loss", "max")):
        mine = rows.filter(metric=metric)
        row = mine.filter(pl.col("value") == getattr(pl.col("value"), worst)())
        line = next(line for line in out.splitlines() if line.strip().startswith(metric))
        assert row["model"].item() in line


def test_evaluate_as_json_is_one_document(on):
    code, out, _ = on("evaluate", "--json", "--slice", "colour", "--metric", "auc")
    told = json.loads(out)

    assert (code, told["ok"], told["kind"]) == (0, 6, "evaluate")
    assert [row["metric"] for row in told["metrics"]] == ["auc"]
    assert told["worst_slices"] == []


def test_evaluate_says_which_rows_did_not_count(on, fleet, tmp_path):
    path = tmp_path / "holdout.parquet"
    rows = pl.read_parquet(path).with_columns(
        id=pl.int_range(pl.len()).over("client") // 2,
        label=pl.when(pl.int_range(pl.len()).over("client") % 20 != 1).then("label"),
    )
    rows.write_parquet(path)
    own = {"role": "holdout", "url": str(path), "key": "client", "truth": "label"}
    fleet.bind([{**own, "score": "score", "id": "id"}])
    out = on("evaluate", "--metric", "auc", "--slice", "colour")[1]
    told = json.loads(on("evaluate", "--metric", "auc", "--json")[1])["labels"]

    assert "600 rows of 6 models have an id that a newer row has" in out
    assert "60 rows of 6 models have no label, though they are old enough to have one" in out
    assert told == {"n": 540, "mature": 600, "immature": 0, "duplicates": 600, "unmatched": 0}


def test_evaluate_takes_all_that_the_library_does(on, fleet):
    code, out, err = on(
        "evaluate", "--data", "current", "--where", "team = 'risk'", "--metric", "auc",
        "--window", "50 rows", "--slice", "colour", "--slice", "age > 50", "--depth", "2",
        "--least", "5", "--segments", "--fresh", "--at", "2026-01-01",
    )  # fmt: skip
    rows = fleet.evaluations().collect()

    assert code == 0, err
    assert "3 of 3 models evaluated" in out
    assert rows["window"].n_unique() == 4
    assert rows["slice_key"].n_unique() == 4
    assert rows["dataset"].unique().to_list() == ["current"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--slice", "a +"], "is no SQL expression"),
        (["--window", "often"], "cannot cut windows"),
        (["--truth", "labels"], "no role is called 'labels'"),
        (["--metric", "acc"], "no metric is called 'acc'"),
    ],
)
def test_evaluate_refuses_what_cannot_be_meant(on, arguments, told):
    code, _, err = on("evaluate", *arguments)

    assert code != 0
    assert told in err


def test_a_run_of_which_nothing_succeeded_has_failed(on, fleet, tmp_path):
    (tmp_path / "holdout.parquet").unlink()
    code, out, _ = on("evaluate")

    assert code == 1
    assert "cannot read" in out


def test_leaderboard_ranks_by_the_direction_of_the_metric(on, fleet):
    on("evaluate", "--metric", "auc", "--metric", "log_loss")
    code, out, _ = on("leaderboard", "--metric", "log_loss", "--json")
    board = json.loads(out)
    best = fleet.leaderboard("auc")

    assert code == 0
    assert [row["rank"] for row in board] == list(range(1, 7))
    assert [row["value"] for row in board] == sorted(row["value"] for row in board)
    assert best["value"].to_list() == sorted(best["value"].to_list(), reverse=True)
    assert set(best["n"]) == {200}


def test_leaderboard_ranks_groups_by_the_mean_of_their_models(on, fleet):
    on("evaluate", "--metric", "auc")
    rows = fleet.evaluations().collect()
    board = fleet.leaderboard("auc", group_by="team")

    risk = rows.filter(pl.col("model").is_in(["m1", "m3", "m5"]))
    mine = board.filter(team="risk").row(0, named=True)
    assert mine["value"] == pytest.approx(risk["value"].mean())
    assert (mine["models"], mine["n"]) == (3, 600)
    assert mine["best"] == risk.sort("value")["model"][-1]
    assert mine["varies"] == "rows"
    if risk["error"].null_count() == 0:
        error = (risk["error"] ** 2).sum() ** 0.5 / 3
        odds = [np.log(one / (1 - one)) for one in (mine["value"], mine["upper"])]
        margin = 1.959963984540054 * error / (mine["value"] * (1 - mine["value"]))
        assert odds[1] - odds[0] == pytest.approx(margin)
    else:
        assert mine["upper"] is None
    assert "risk" in on("leaderboard", "--metric", "auc", "--group-by", "team")[1]


def test_leaderboard_goes_by_the_default_metric_unless_one_is_named(on, fleet):
    with pytest.raises(BadInput, match="nothing was measured yet"):
        fleet.leaderboard()
    fleet.evaluate()

    assert fleet.default_metric() == "auc"
    assert fleet.leaderboard(group_by="team").equals(fleet.leaderboard("auc", group_by="team"))
    assert "auc" in on("leaderboard", "--group-by", "team")[1]


def test_leaderboard_of_tags_selections_and_slices(on, fleet):
    on("evaluate", "--metric", "auc", "--slice", "colour")

    assert set(fleet.leaderboard("auc", group_by="tags.region")["tags.region"]) == {"eu", "us"}
    assert set(fleet.leaderboard("auc", where="team = 'risk'")["model"]) == {"m1", "m3", "m5"}
    red = fleet.leaderboard("auc", slice_="colour=red")
    assert red["n"].max() < 200


def test_leaderboard_takes_the_newest_version_and_value(fleet, tmp_path):
    fleet.evaluate(metrics=["auc"])
    before = fleet.leaderboard("auc").filter(model="m1")["value"].item()
    path = tmp_path / "holdout.parquet"
    turned = pl.when(client="m1").then(1 - pl.col("label")).otherwise("label")
    pl.read_parquet(path).with_columns(label=turned).write_parquet(path)
    fleet.register({"model": ["m1"], "version": ["2"]})
    fleet.evaluate("model = 'm1'", metrics=["auc"])
    after = fleet.leaderboard("auc").filter(model="m1").row(0, named=True)

    assert after["version"] == "2"
    assert after["value"] == pytest.approx(1 - before)


def test_leaderboard_says_what_it_needs(fleet):
    with pytest.raises(BadInput, match="auc was never measured; run `argosy evaluate` first"):
        fleet.leaderboard("auc")
    with pytest.raises(UnknownName, match="no metric is called 'acc'"):
        fleet.leaderboard("acc")
    fleet.evaluate(metrics=["auc"])
    with pytest.raises(UnknownName, match="no column is called 'crew'"):
        fleet.leaderboard("auc", group_by="crew")
    with pytest.raises(BadInput, match="cannot group by 'team [+]'"):
        fleet.leaderboard("auc", group_by="team +")
    with pytest.raises(UnknownName, match="no slice is called 'colour=red'"):
        fleet.leaderboard("auc", slice_="colour=red")
    fleet.evaluate(metrics=["auc"], data="current")
    with pytest.raises(BadInput, match="several roles; name one of them: current, holdout"):
        fleet.leaderboard("auc")
    with pytest.raises(UnknownName, match="'reference'. Known: current, holdout"):
        fleet.leaderboard("auc", "reference")


def test_show_metrics_draws_how_each_metric_went(on):
    on("evaluate", "--metric", "auc", "--window", "50 rows")
    on("evaluate", "--metric", "accuracy", "--data", "current")
    code, out, _ = on("show", "m1", "--metrics")

    assert code == 0
    course = next(line for line in out.splitlines() if " auc " in line)
    assert sum(letter in "▁▂▃▄▅▆▇█" for letter in course) == 4
    assert " accuracy " in out
    told = json.loads(on("show", "m1", "--metrics", "--json")[1])
    assert {row["metric"] for row in told["metrics"]} == {"auc", "accuracy"}
    assert len(told["metrics"]) == 5


def test_show_metrics_of_a_model_that_failed_or_was_never_measured(on, fleet, tmp_path):
    assert "was never measured" in on("show", "m1", "--metrics")[1]
    (tmp_path / "holdout.parquet").unlink()
    on("evaluate")
    out = on("show", "m1", "--metrics")[1]

    assert "failed  cannot read" in out


def test_show_metrics_goes_through_the_versions(on, fleet):
    on("evaluate", "--metric", "auc")
    fleet.register({"model": ["m1"], "version": ["2"]})
    on("evaluate", "--metric", "auc")
    told = json.loads(on("show", "m1", "--metrics", "--json")[1])

    assert [row["version"] for row in told["metrics"]] == ["1", "2"]
    assert "do not compare" not in on("show", "m1", "--metrics")[1]


def test_show_metrics_says_where_versions_do_not_compare(on, fleet, tmp_path):
    on("evaluate", "--metric", "auc")
    path = tmp_path / "holdout.parquet"
    pl.read_parquet(path).filter(pl.int_range(pl.len()) % 7 > 0).write_parquet(path)
    fleet.register({"model": ["m1"], "version": ["2"]})
    on("evaluate", "--metric", "auc")

    assert "their numbers do not compare" in on("show", "m1", "--metrics")[1]


def test_a_later_success_takes_the_place_of_a_failure(fleet, tmp_path):
    path = tmp_path / "holdout.parquet"
    content = path.read_bytes()
    path.unlink()
    fleet.evaluate(metrics=["auc"])
    assert fleet.standing().collect()["status"].unique().to_list() == ["failed"]
    path.write_bytes(content)
    fleet.evaluate(metrics=["auc"])

    assert fleet.standing().collect()["status"].unique().to_list() == ["ok"]


def test_what_is_selected_by_a_metric_is_the_newest_window_of_all_rows(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=100)
    fleet.evaluate(metrics=["auc"], window="50 rows", slices=["colour"])
    rows = fleet.evaluations().filter(slice="all", model="m0").collect().sort("window")
    seen = fleet.where("metrics.auc > 0").frame().filter(model="m0")

    assert seen["metrics"].struct.field("auc").item() == rows["value"][-1]


def test_the_worst_slice_of_a_model_is_in_the_bad_direction():
    rows = pl.DataFrame(
        {
            "model": ["a", "a", "a", "b", "c"], "version": "1", "window": None,
            "slice": ["s=1", "s=2", "s=3", "s=1", "s=1"],
            "metric": ["auc", "auc", "log_loss", "auc", "auc"], "value": 0.5,
            "gap": [-0.1, 0.3, 0.2, 0.2, -0.2], "gap_lower": -1.0, "gap_upper": 1.0, "n": 50,
            "gap_reason": None,
            "p_value": [0.001, 1e-9, 1e-5, 1e-9, 0.2], "q_value": [0.01, 1e-8, 1e-4, 1e-8, 0.3],
        }
    )  # fmt: skip

    named = ["model", "slice", "metric"]
    assert worst_slices(rows.lazy()).select(named).rows() == [("a", "s=1", "auc")]
    alone = rows.filter(metric="log_loss").lazy()
    assert worst_slices(alone).select(named).rows() == [("a", "s=3", "log_loss")]


def test_metrics_that_are_undefined_are_counted():
    rows = pl.DataFrame(
        {
            "model": ["a", "b", "c"], "slice": "all", "metric": "auc",
            "value": [0.6, 0.7, None], "status": ["ok", "ok", "undefined"],
        }
    )  # fmt: skip

    assert by_metric(rows.lazy()).rows() == [("auc", 2, 0.6499999999999999, 0.6, "a", 1)]


def test_a_run_tells_its_worst_slices_as_the_command_does(tmp_path, capsys):
    fleet = logged_fleet(tmp_path, models=3, rows=400)
    path = tmp_path / "holdout.parquet"
    bad = (pl.col("client") == "m1") & (pl.col("colour") == "red")
    rows = pl.read_parquet(path)
    rows = rows.with_columns(score=pl.when(bad).then(1 - pl.col("score")).otherwise("score"))
    rows.write_parquet(path)
    found = fleet.evaluate(metrics=["auc"], slices=["colour"]).worst_slices()

    assert found.select("model", "slice", "metric").row(0) == ("m1", "colour=red", "auc")
    assert found["gap"][0] < 0
    assert fleet.evaluate(metrics=["auc"]).worst_slices().is_empty()
    asked = ["evaluate", "--metric", "auc", "--slice", "colour", "--fresh"]
    cli(["--fleet", fleet.url, "--json", *asked])
    assert json.loads(capsys.readouterr().out)["worst_slices"] == found.to_dicts()


def test_s2_17_slices_that_are_none_worse_are_counted(on):
    code, out, _ = on("evaluate", "--metric", "auc", "--slice", "colour")

    assert code == 0
    assert "18 slices judged, none worse\n" in out
    out = on("evaluate", "--metric", "auc", "--slice", "colour", "--least", "1000")[1]
    assert "0 slices judged, none worse; 18 more have too few rows\n" in out
    told = json.loads(on("evaluate", "--slice", "colour", "--json")[1])
    assert (told["slices_judged"], told["slices_too_small"]) == (18, 0)
    assert "slices judged" not in on("evaluate", "--metric", "auc")[1]


def test_models_that_nobody_could_measure_are_named_with_the_reason(tmp_path, capsys):
    fleet = logged_fleet(tmp_path, models=2)
    path = tmp_path / "holdout.parquet"
    alike = pl.when(pl.col("client") == "m1").then(1).otherwise("label")
    pl.read_parquet(path).with_columns(label=alike).write_parquet(path)
    code = cli(["--fleet", fleet.url, "evaluate", "--metric", "auc"])
    out = capsys.readouterr().out

    assert code == 4
    assert "1 unknown, 0 failed" in out
    assert "could not be measured" in out
    assert "m1" in out[out.index("could not be measured") :]
