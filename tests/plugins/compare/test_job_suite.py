"""The comparison does what every job must do."""

from argosy.testing.jobs import JobSuite

from .test_comparison import logged


class TestCompare(JobSuite):
    name = "compare"
    request = {"comparisons": ["delong"], "metrics": ["auc"]}
    refused = {"comparisons": ["no such test"], "metrics": ["no such metric"], "challengers": []}

    def fleet(self, folder):
        return logged(folder, self.models, better={"m2"})
