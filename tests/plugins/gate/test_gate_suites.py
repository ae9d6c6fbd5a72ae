"""Every gate that comes with argosy is held to what a stranger's is."""

from argosy.plugins import installed
from argosy.testing.gates import GateSuite


class TestBaseline(GateSuite):
    name = "baseline"

    def passing(self):
        return {"good": {"holdout": 0.8}, "better": {"holdout": 0.9, "recent": 0.5}}

    def failing(self):
        return {"useless": {"holdout": 0.5}, "worse": {"holdout": 0.4}}


class TestSuite(GateSuite):
    name = "suite"

    def passing(self):
        return {"steady": {"holdout": 0.8, "recent": 0.79}, "bare": {"holdout": 0.8}}

    def failing(self):
        return {"stale": {"holdout": 0.8, "recent": 0.55}, "lost": {"holdout": None}}


class TestSuspiciouslyPerfect(GateSuite):
    name = "suspiciously perfect"

    def passing(self):
        return {"good": {"holdout": 0.8}}

    def failing(self):
        return {"leaky": {"holdout": 1.0}}


def test_none_is_left_out():
    suites = (TestBaseline, TestSuite, TestSuspiciouslyPerfect)

    assert {suite.name for suite in suites} == set(installed().gates)
