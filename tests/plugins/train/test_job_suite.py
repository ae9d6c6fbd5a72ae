"""The training does what every job must do."""

import polars as pl
import pytest

from argosy.testing.fleets import logged_fleet
from argosy.testing.jobs import JobSuite

pytest.importorskip("skops")


@pytest.fixture(autouse=True)
def offered():
    """The executor and the trainers that are installed, instead of those of the other tests."""


class TestTrain(JobSuite):
    name = "train"
    request = {"data": "holdout"}
    refused = {"version": "no/name", "alias": "no/name"}
    moving = ("seconds", "file", "sha256")  # artifacts hold the time at which they were made

    def fleet(self, folder):
        """Make one whose models are of a template, which scikit-learn trains."""
        fleet = logged_fleet(folder, self.models)
        params = {"estimator": "DecisionTreeClassifier", "max_depth": "2"}
        fleet.define(
            [
                {
                    "template": "shop",
                    "trainer": "sklearn",
                    "params": params,
                    "features": ["size", "age"],
                }
            ]
        )
        rows = fleet.models().select("model", version=pl.lit("2"), template=pl.lit("shop"))
        fleet.register(rows.collect())
        return fleet

    def tables(self, fleet, run_id):
        """The versions that it registered must be the same too."""
        of_run = fleet.table("trainings").filter(run_id=run_id).select("model", "version")
        known = ("task", "seed", "format", "features", "metrics", "training_data_digest")
        versions = fleet.versions().join(of_run, on=["model", "version"], how="semi")
        made = versions.select("model", "version", *known).sort("model").collect()
        return {**super().tables(fleet, run_id), "versions": made}

    @pytest.mark.slow  # tests/plugins/test_argosy_ray.py has a shorter one
    def test_the_rows_are_the_same_on_ray(self, tmp_path):
        super().test_the_rows_are_the_same_on_ray(tmp_path)
