"""Every cause and every aspect that comes with argosy is held to what a stranger's is."""

import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.testing.aspects import AspectSuite
from argosy.testing.causes import CauseSuite
from argosy.testing.fleets import logged_fleet

OF_EVERY = (
    "test_it_is_described",
    "test_every_fleet_gets_an_answer",
    "test_a_fleet_without_models_has_no_trouble",
    "test_looking_changes_nothing_and_is_repeatable",
)


@pytest.mark.parametrize("test", OF_EVERY)
@pytest.mark.parametrize("cause", sorted(installed().causes))
def test_every_cause(cause, test):
    class Suite(CauseSuite):
        name = cause

    getattr(Suite(), test)()


def lost(folder, role):
    (folder / f"{role}.parquet").unlink()


def sound(folder):
    fleet = logged_fleet(folder, models=3, rows=300)
    fleet.evaluate()
    fleet.check_drift()
    return fleet


def changed(folder, role, change):
    path = folder / f"{role}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)


class Sound(CauseSuite):
    def well(self, folder):
        return sound(folder)


class TestEvaluationFailed(Sound):
    name = "evaluation failed"

    def ill(self, folder):
        fleet = sound(folder)
        changed(folder, "holdout", lambda rows: rows.filter(pl.col("client") != "m1"))
        fleet.evaluate()
        return fleet, {"m1"}


class TestNeverEvaluated(Sound):
    name = "never evaluated"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3)
        fleet.evaluate("model <> 'm2'")
        return fleet, {"m2"}


class TestDrift(Sound):
    name = "drift"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=4, drifting={"m1"}, rows=400, seed=3)
        fleet.check_drift()
        return fleet, {"m1"}


class TestMissingInput(Sound):
    name = "missing input"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3)
        changed(folder, "current", lambda rows: rows.drop("age"))
        fleet.check_drift()
        return fleet, {"m0", "m1", "m2"}


class TestDriftUnknown(Sound):
    name = "drift unknown"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3)
        few = (pl.col("client") != "m1") | (pl.int_range(pl.len()).over("client") < 5)
        changed(folder, "current", lambda rows: rows.filter(few))
        fleet.check_drift()
        return fleet, {"m1"}


class TestNeverChecked(Sound):
    name = "never checked"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3)
        fleet.check_drift("model <> 'm2'")
        return fleet, {"m2"}


class TestEstimateFailed(Sound):
    name = "estimate failed"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=2)
        lost(folder, "current")
        fleet.estimate()
        return fleet, {"m0", "m1"}


class TestEstimateUnknown(Sound):
    name = "estimate unknown"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3)
        few = (pl.col("client") != "m1") | (pl.int_range(pl.len()).over("client") < 5)
        changed(folder, "holdout", lambda rows: rows.filter(few))
        fleet.estimate()
        return fleet, {"m1"}


class TestGateNotPassed(Sound):
    name = "gate not passed"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=2)
        blind = pl.when(client="m1").then(0.5).otherwise("score")
        changed(folder, "holdout", lambda rows: rows.with_columns(score=blind))
        fleet.gate()
        return fleet, {"m1"}


class TestComparisonFailed(Sound):
    name = "comparison failed"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=1)
        fleet.set_alias({"model": ["m0"], "version": ["1"]}, "champion")
        fleet.register({"model": ["m0"], "version": ["2"]})
        fleet.set_alias({"model": ["m0"], "version": ["2"]}, "challenger")
        lost(folder, "holdout")
        fleet.compare()
        return fleet, {"m0"}


class TestNoVersion(Sound):
    name = "no version"

    def ill(self, folder):
        fleet = argosy.open(str(folder / "fleet"), create=True)
        trainer = {"trainer": "sklearn", "params": {"estimator": "LogisticRegression"}}
        fleet.define([{"template": "t", **trainer, "task": "binary", "data": "holdout"}])
        fleet.instantiate("t", [{"model": "t1"}])
        return fleet, {"t1"}


class Known(AspectSuite):
    def known(self, folder):
        fleet = sound(folder)
        fleet.estimate()
        return fleet, "m1"


class TestMetrics(Known):
    name = "metrics"


class TestDriftAspect(Known):
    name = "drift"


class TestEstimates(Known):
    name = "estimates"


def test_no_aspect_is_left_out():
    assert {"metrics", "drift", "estimates"} == set(installed().aspects)
