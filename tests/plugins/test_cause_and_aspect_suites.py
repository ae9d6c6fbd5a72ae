"""Every cause and every aspect that comes with argosy is held to what a stranger's is."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import ArgosyWarning
from argosy.plugins import installed
from argosy.plugins.settings import using
from argosy.testing.aspects import AspectSuite
from argosy.testing.causes import CauseSuite
from argosy.testing.fleets import logged_fleet
from argosy.testing.poison import carried, fleet_of

LATER = datetime.now(UTC) + timedelta(days=40)
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


def on_days(rows, days):
    """Spread the rows of each model evenly over some days."""
    place = pl.int_range(pl.len()).over("client")
    step = (86_400 * days) // rows.filter(client=rows["client"][0]).height
    return rows.with_columns(ts=pl.datetime(2026, 1, 1) + pl.duration(seconds=place * step))


def dated(folder, worse=(), stopped=()):
    """Make a fleet of regressions over twelve days; some do worse on the last, or stop before."""
    draws = np.random.default_rng(5)
    names = ["m0", "m1", "m2"]
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1"] * 3, "task": ["regression"] * 3})
    for role in ("reference", "current"):
        rows = pl.DataFrame({"client": np.repeat(names, 1440), "x": draws.normal(size=4320)})
        rows = on_days(rows, 12).with_columns(y=draws.normal(size=4320))
        last = pl.col("ts") >= datetime(2026, 1, 12)
        size = pl.when(pl.col("client").is_in(list(worse)) & last).then(3.0).otherwise(1.0)
        rows = rows.with_columns(p=pl.col("y") + size * draws.normal(size=4320))
        gone = pl.col("client").is_in(list(stopped)) & (pl.col("ts") >= datetime(2026, 1, 9))
        path = str(folder / f"{role}.parquet")
        (rows.filter(~gone) if role == "current" else rows).write_parquet(path)
        columns = {"key": "client", "timestamp": "ts", "prediction": "p", "truth": "y"}
        fleet.bind([{"role": role, "url": path, **columns}])
    return fleet


def shop(folder):
    """Make a fleet with a template, a model of it that has no version yet, and its rows."""
    draws = np.random.default_rng(3)
    x = draws.normal(size=200)
    rows = pl.DataFrame({"x": x, "y": (x + draws.normal(size=200) > 0).astype(int)})
    rows.write_parquet(folder / "training.parquet")
    fleet = argosy.open(str(folder / "fleet"), create=True)
    trainer = {"trainer": "sklearn", "params": {"estimator": "LogisticRegression"}}
    fleet.define([{"template": "t", **trainer, "task": "binary"}])
    fleet.instantiate("t", [{"model": "t1"}])
    url = str(folder / "training.parquet")
    fleet.bind([{"role": "training", "template": "t", "url": url, "truth": "y"}])
    return fleet


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


class TestEvaluationUnknown(Sound):
    name = "evaluation unknown"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3)
        one_class = pl.when(client="m1").then(1).otherwise("label")
        changed(folder, "holdout", lambda rows: rows.with_columns(label=one_class))
        fleet.evaluate(metrics=["auc"])
        return fleet, {"m1"}


class TestEvaluationStale(Sound):
    name = "evaluation stale"

    def ill(self, folder):
        return sound(folder).as_of(LATER), {"m0", "m1", "m2"}


class TestWorseThanBefore(Sound):
    name = "worse than before"

    def ill(self, folder):
        fleet = dated(folder, worse={"m1"})
        fleet.evaluate(data="current", metrics=["rmse"], window="1d")
        return fleet, {"m1"}


class TestNothingToEvaluateSince(Sound):
    name = "nothing to evaluate since"

    def ill(self, folder):
        fleet = dated(folder, stopped={"m2"})
        fleet.evaluate(data="current", metrics=["rmse"], window="1d")
        return fleet, {"m2"}


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


class TestNoDataSince(Sound):
    name = "no data since"

    def ill(self, folder):
        fleet = dated(folder, stopped={"m2"})
        fleet.check_drift(window="1d")
        return fleet, {"m2"}


class TestDriftStale(Sound):
    name = "drift stale"

    def ill(self, folder):
        return sound(folder).as_of(LATER), {"m0", "m1", "m2"}


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


class TestConceptDrift(Sound):
    name = "concept drift"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=3, rows=900)
        turned = pl.when(client="m1").then(1 - pl.col("label")).otherwise("label")
        changed(folder, "current", lambda rows: on_days(rows, 6).with_columns(label=turned))
        current = str(folder / "current.parquet")
        logged = {"key": "client", "score": "score", "truth": "label", "timestamp": "ts"}
        fleet.bind([{"role": "current", "url": current, **logged}])
        fleet.estimate(window="1d")
        fleet.evaluate(data="current", window="1d")
        return fleet, {"m1"}


class TestBelowItsGate(Sound):
    name = "below its gate"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=4, rows=400)
        fleet.gate()
        turned = pl.when(client="m2").then(1 - pl.col("score")).otherwise("score")
        changed(folder, "holdout", lambda rows: rows.with_columns(score=turned))
        fleet.evaluate()
        return fleet, {"m2"}


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


class TestTrainingFailed(Sound):
    name = "training failed"

    def ill(self, folder):
        fleet = shop(folder)
        lost(folder, "training")
        fleet.train()
        return fleet, {"t1"}


class TestPredictionFailed(Sound):
    name = "prediction failed"

    def ill(self, folder):
        fleet = shop(folder)
        fleet.train()
        lost(folder, "training")
        fleet.predict(data="training")
        return fleet, {"t1"}


class TestForecastFellBack(Sound):
    name = "forecast fell back"

    def ill(self, folder):
        """Make one of a series whose feed has long been down."""
        times = pl.datetime_range(
            pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 30), "1h", time_zone="UTC", eager=True
        )
        loads = times.alias("ts").to_frame().with_columns(mw=pl.col("ts").dt.hour().cast(float))
        loads.write_parquet(folder / "loads.parquet")
        fleet = argosy.open(str(folder / "fleet"), create=True, actor="suite")
        fleet.add_root(str(folder))
        params = {"forecaster": "seasonal_naive"}
        fleet.define([{"template": "load", "trainer": "forecast", "params": params}])
        fleet.instantiate("load", {"model": ["m0"]})
        told = {"timestamp": "ts", "truth": "mw", "frequency": "1h"}
        url = str(folder / "loads.parquet")
        fleet.bind([{"role": role, "url": url, **told} for role in ("training", "history")])
        fleet.train()
        fleet.run("forecast", origin="2024-02-15T00:00:00Z")
        return fleet, {"m0"}


class TestQuarantined(Sound):
    name = "quarantined"

    def ill(self, folder):
        fleet = fleet_of(folder, ["a", "exit", "b"])
        carried(fleet)
        return fleet, {"exit"}


class TestNoVersion(Sound):
    name = "no version"

    def ill(self, folder):
        return shop(folder), {"t1"}


@pytest.mark.filterwarnings("ignore:.*could not be delivered")
class TestUnsentNotice(Sound):
    name = "unsent notice"

    def ill(self, folder):
        fleet = logged_fleet(folder, models=2, drifting={"m1"})
        nowhere = {"core": {"sinks": ["jsonl"]}, "notices": {"path": str(folder)}}
        with using(nowhere), pytest.warns(ArgosyWarning, match="the sink 'jsonl'"):
            fleet.check_drift()
        return fleet, {"m1"}


def test_no_cause_is_left_out():
    """Each has a fleet that it finds something in, and one that it does not."""
    held = {suite.name for suite in Sound.__subclasses__()}
    assert held >= set(installed().causes)


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
