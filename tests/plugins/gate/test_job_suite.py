"""The gates do what every job must do."""

from argosy.testing.jobs import JobSuite


class TestGate(JobSuite):
    name = "gate"
    request = {"metrics": ["auc", "brier"], "margin": 0.01}
    refused = {"metrics": ["no such metric"]}
