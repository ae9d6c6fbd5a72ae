"""The drift check does what every job must do."""

import pytest

from argosy.testing.fleets import logged_fleet
from argosy.testing.jobs import JobSuite


class TestDrift(JobSuite):
    name = "drift"
    request = {"detectors": ["ks", "psi", "unseen"], "segments": ["colour"]}
    moving = ("reference_id", "source", "profile", "sha256", "opened", "opened_run")
    refused = {"detectors": ["no such detector"], "against": "rolling 4", "window": "soon"}

    def fleet(self, folder):
        return logged_fleet(folder, self.models, drifting={"m2"})

    @pytest.mark.slow  # tests/plugins/test_argosy_ray.py has a shorter one
    def test_the_rows_are_the_same_on_ray(self, tmp_path):
        super().test_the_rows_are_the_same_on_ray(tmp_path)
