"""What triage knows of a night: each job's failures, and a list that is spread by how bad it is."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy.views.urgency import TIERS
from argosy_troubles.failures import unjudged


def causes(fleet):
    return dict(fleet.triage().select("model", "cause").rows())


def known(fleet, cause):
    """Return what one cause finds, whatever else is wrong."""
    return pl.DataFrame(installed().causes[cause].find(fleet.read_only()))


def lost(tmp_path, role="holdout"):
    (tmp_path / f"{role}.parquet").unlink()


def test_a_gate_that_was_not_passed_is_told_until_it_is(tmp_path):
    fleet = logged_fleet(tmp_path, models=2)
    path = tmp_path / "holdout.parquet"
    rows = pl.read_parquet(path)
    blind = pl.when(client="m1").then(0.5).otherwise("score")
    rows.with_columns(score=blind).write_parquet(path)
    fleet.gate()
    found = known(fleet, "gate not passed")

    assert found["model"].to_list() == ["m1"]
    assert found["reason"].item().startswith("version 1 did not pass: ")
    rows.write_parquet(path)
    fleet.gate()
    assert known(fleet, "gate not passed").is_empty()


def test_a_model_that_falls_below_the_gate_it_passed_is_told(tmp_path):
    fleet = logged_fleet(tmp_path, models=4, rows=400)
    fleet.gate()
    fleet.evaluate()
    assert known(fleet, "below its gate").is_empty()

    path = tmp_path / "holdout.parquet"
    turned = pl.when(client="m2").then(1 - pl.col("score")).otherwise("score")
    pl.read_parquet(path).with_columns(score=turned).write_parquet(path)
    fleet.evaluate()
    found = known(fleet, "below its gate")
    assert found["model"].unique().to_list() == ["m2"]
    assert found["reason"].str.contains("that its gate asks for").all()


def test_a_comparison_that_failed_is_told(tmp_path):
    fleet = logged_fleet(tmp_path, models=1)
    fleet.set_alias({"model": ["m0"], "version": ["1"]}, "champion")
    fleet.register({"model": ["m0"], "version": ["2"]})
    fleet.set_alias({"model": ["m0"], "version": ["2"]}, "challenger")
    lost(tmp_path)
    fleet.compare()

    assert (
        known(fleet, "comparison failed")["reason"]
        .item()
        .startswith("its challenger could not be compared: the champion: cannot read")
    )


def test_an_estimate_that_failed_is_told(tmp_path):
    fleet = logged_fleet(tmp_path, models=1)
    lost(tmp_path)
    fleet.estimate()

    assert (
        known(fleet, "estimate failed")["reason"]
        .item()
        .startswith("could not be estimated on 'current': cannot read")
    )


def test_s18_an_estimate_that_is_undefined_is_told_until_it_can_be_made(tmp_path):
    """The estimator answers that there is none: nobody knows, and the list says since when."""
    fleet = logged_fleet(tmp_path, models=3, rows=600)
    fleet.estimate()
    assert known(fleet, "estimate unknown").is_empty()

    path = tmp_path / "holdout.parquet"
    rows = pl.read_parquet(path)
    few = pl.int_range(pl.len()).over("client") < 5
    rows.filter((pl.col("client") != "m1") | few).write_parquet(path)
    first = fleet.estimate(fresh_reference=True)
    fleet.estimate(fresh_reference=True)
    found = known(fleet, "estimate unknown")
    began = first.results()["at"][0]

    assert first.summary["unknown"] == 1
    assert found["model"].to_list() == ["m1"]
    assert found["since"].item() == began
    told = f"its estimate on 'current' could not be made since {began:%Y-%m-%d %H:%M}, because "
    assert found["reason"].item().startswith(f"{told}fewer than 20 reference rows")
    assert found["reason"].item().endswith(" (2 times in a row)")
    assert causes(fleet)["m1"] == "estimate unknown"
    assert fleet.triage().filter(model="m1")["next_step"].item().endswith("\"model = 'm1'\"`")
    rows.write_parquet(path)
    fleet.estimate(fresh_reference=True)
    assert known(fleet, "estimate unknown").is_empty()


def test_an_estimate_of_windows_is_judged_by_the_newest_whole_one():
    """A window in the past that had no scores is over."""
    rows = pl.DataFrame(
        {
            "run_id": "r", "model": "a", "version": "1", "dataset": "d", "metric": "auc",
            "window": ["1", "2", "3"], "whole": [True, True, False], "reason": ["x", None, "y"],
            "status": ["undefined", "ok", "undefined"],
        }
    ).with_columns(
        *(pl.lit(None, pl.Datetime("us", "UTC")).alias(n) for n in ("window_start", "window_end")),
        at=pl.lit(None, pl.Datetime("us", "UTC")),
    )  # fmt: skip
    of = ("model", "version", "dataset")
    told = [unjudged(part.lazy(), of, "").collect() for part in (rows, rows[:1], rows[2:])]

    assert [one["status"].to_list() for one in told] == [["ok"], ["failed"], ["failed"]]


def test_a_prediction_that_failed_is_told_but_not_of_models_scored_elsewhere(tmp_path, trained):
    fleet = trained(tmp_path)
    (tmp_path / "training.parquet").unlink()
    fleet.predict(data="training")
    found = known(fleet, "prediction failed")

    assert found["model"].to_list() == ["a"]
    assert found["severity"].item() >= 90


def test_a_training_that_failed_and_a_model_without_a_version_are_told(tmp_path, trained):
    fleet = trained(tmp_path)
    fleet.instantiate("shop", [{"model": "new"}])
    assert known(fleet, "no version")["model"].to_list() == ["new"]

    (tmp_path / "training.parquet").unlink()
    fleet.train()
    assert set(known(fleet, "training failed")["model"]) == {"a", "new"}
    assert causes(fleet)["new"] == "training failed"


@pytest.fixture
def trained():
    """Make a fleet of one model that was trained here, and one that is scored elsewhere."""

    def make(folder):
        x = np.random.default_rng(1).normal(size=80)
        rows = {"x": x, "y": 2 * x, "id": range(80)}
        both = [pl.DataFrame({"m": [name] * 80, **rows}) for name in ("a", "new")]
        url = str(folder / "training.parquet")
        pl.concat(both).write_parquet(url)
        fleet = argosy.open(str(folder / "fleet"), create=True)
        template = {"template": "shop", "trainer": "sklearn", "task": "regression"}
        more = {"params": {"estimator": "Ridge"}, "features": [{"name": "x"}]}
        fleet.define([template | more])
        fleet.instantiate("shop", [{"model": "a"}])
        fleet.register({"model": ["outside"], "version": ["1"]})
        fleet.bind([{"role": "training", "url": url, "key": "m", "truth": "y", "id": "id"}])
        fleet.train()
        return fleet

    return make


def test_causes_that_find_nothing_to_ask_about_are_quiet(tmp_path):
    """Of a fleet without bindings, versions or runs every cause answers an empty table."""
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    assert fleet.triage().is_empty()
    fleet.register({"model": ["a"], "version": ["1"]})

    assert fleet.triage().is_empty()
    assert fleet.troubles().is_empty()


def test_severity_spreads_the_list_and_orders_it(tmp_path, trained):
    """A mixed fleet of all tiers: the middle half of the list spans twenty points and more."""
    drifting = {f"m{number}": number for number in range(0, 24, 3)}
    fleet = logged_fleet(tmp_path, models=24, rows=300, drifting=set(drifting), seed=4)
    path = tmp_path / "current.parquet"
    few = pl.col("client").is_in(["m1", "m2", "m4"]) & (pl.int_range(pl.len()).over("client") > 3)
    pl.read_parquet(path).filter(~few).write_parquet(path)
    fleet.register({"model": ["new", "lost"], "version": ["1", "1"], "tier": [4, 1]})
    fleet.set_alias({"model": ["lost"], "version": ["1"]}, "champion")
    fleet.check_drift(fleet.where("model NOT IN ('new', 'lost')"))
    names = ", ".join(f"'m{number}'" for number in range(0, 24, 2))
    fleet.evaluate(fleet.where(f"model IN ({names}, 'lost')"), metrics=["auc"])
    listed = fleet.triage()
    severity = listed["severity"]
    middle = severity.quantile(0.75) - severity.quantile(0.25)

    assert listed["model"][0] == "lost"
    assert severity[-1] < 10
    assert severity.is_sorted(descending=True)
    assert severity.max() <= 100
    assert middle > 20
    assert severity.n_unique() > listed.height / 2
    order = listed["cause"].unique(maintain_order=True).to_list()
    assert order.index("evaluation failed") < order.index("drift") < order.index("never evaluated")


def test_every_cause_has_its_place_on_the_scale():
    """What is in use is told by the cause itself, so the weights may only take away."""
    assert max(TIERS.values()) == 1.0
    for cause in installed().causes.values():
        assert cause.next_step
        assert cause.summary.endswith(".")
        assert cause.state in {"failed", "drifted", "unknown", None}
