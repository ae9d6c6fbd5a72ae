"""The estimation does what every job must do."""

from argosy.testing.jobs import JobSuite


class TestEstimate(JobSuite):
    name = "estimate"
    request = {"estimators": ["cbpe"], "window": "100 rows"}
    moving = ("source", "fit", "sha256")  # by where the reference lies
    refused = {"estimators": ["no such estimator"], "window": "soon"}
