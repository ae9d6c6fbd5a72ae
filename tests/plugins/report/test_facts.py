"""What the report reads of a fleet: each model has its state."""

from __future__ import annotations

import json

import polars as pl

from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run as cli
from argosy_report.facts import collect


class TestCollect:
    def test_each_model_of_a_fleet_has_its_state(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=6, drifting={"m2"})
        fleet.register({"model": ["later"], "version": ["1"]})
        fleet.check_drift(fleet.where("model <> 'later'"))
        fleet.register({"model": ["lost"], "version": ["1"]})
        fleet.evaluate(fleet.where("model = 'lost'"))

        found = collect(fleet)

        assert {
            **dict.fromkeys(["m0", "m1", "m3", "m4", "m5"], "healthy"),
            "m2": "drifted",
            "later": "unknown",
            "lost": "failed",
        } == dict(found.models.select("model", "state").iter_rows())
        assert found.models["model"].head(3).to_list() == ["lost", "m2", "later"]
        assert found.distributions.select("model", "column").rows() == [("m2", "size")]

    def test_only_the_last_check_counts(self, tmp_path):
        """A model whose input was mended is healthy again."""
        fleet = logged_fleet(tmp_path, models=4, drifting={"m1"}, seed=8)
        fleet.check_drift()
        (tmp_path / "current.parquet").write_bytes((tmp_path / "holdout.parquet").read_bytes())
        fleet.check_drift()

        found = collect(fleet)

        assert found.models["state"].to_list() == ["healthy"] * 4
        assert found.distributions.is_empty()
        assert found.runs.height == 2

    def test_too_few_rows_leave_a_model_unknown(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=2, rows=5)
        fleet.check_drift()

        assert collect(fleet).models["state"].to_list() == ["unknown"] * 2

    def test_scores_say_which_direction_is_good(self, tmp_path):
        fleet = logged_fleet(tmp_path, models=2)
        fleet.evaluate(metrics=["auc", "log_loss"])
        scores = collect(fleet).scores

        assert {("auc", "higher"), ("log_loss", "lower")} == set(
            scores.select("metric", "better").iter_rows()
        )


def test_report_show_sql_triage_and_verdicts_agree(tmp_path, capsys):
    """A fleet with one model of each state: every surface counts the same."""
    fleet = logged_fleet(tmp_path, models=4, drifting={"m1"}, rows=400, seed=3)
    path = tmp_path / "current.parquet"
    rows = pl.read_parquet(path)
    # of m2 only four rows are left: nobody can tell
    few = pl.col("client") != "m2"
    pl.concat([rows.filter(few), rows.filter(~few).head(4)]).write_parquet(path)
    fleet.register({"model": ["new", "lost"], "version": ["1", "1"]})
    fleet.check_drift(fleet.where("model NOT IN ('new', 'lost')"))
    fleet.evaluate(fleet.where("model IN ('m0', 'm3', 'lost')"), metrics=["auc"])
    states = dict(collect(fleet).models.select("model", "state").iter_rows())
    verdicts = dict(fleet.verdicts().select("model", "verdict").iter_rows())
    listed = dict(fleet.triage().select("model", "cause").iter_rows())
    drifted = dict(fleet.sql("SELECT model, drifted FROM fleet").iter_rows())

    assert states == {
        "m0": "healthy",
        "m1": "drifted",
        "m2": "unknown",
        "m3": "healthy",
        "new": "unknown",
        "lost": "failed",
    }
    assert listed == {
        "m1": "drift", "m2": "drift unknown", "new": "never checked", "lost": "evaluation failed",
    }  # fmt: skip
    told = {"drifted": True, "clear": False, "unknown": None}
    for model, verdict in verdicts.items():
        assert drifted[model] == told[verdict]
        assert cli(["--fleet", fleet.url, "--json", "show", model]) == 0
        assert json.loads(capsys.readouterr().out)["drifted"] == told[verdict]
        assert (states[model] == "healthy") == (verdict == "clear" and model not in listed)
        assert (states[model] == "drifted") == (verdict == "drifted")
