"""What the report reads of a fleet: each model has its state."""

from __future__ import annotations

from argosy.testing.fleets import logged_fleet
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
        fleet.check_drift(current="holdout")

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
