"""The jobs `ab_test` and `offpolicy`: what every job must do, and what these two found."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from argosy.errors import UnknownName
from argosy.testing.jobs import JobSuite
from argosy_experiments.ab_tests.rates import begun, looked
from argosy_experiments.offpolicy.estimates import estimates
from argosy_experiments.offpolicy.expected_rewards import foretold

from .fleets import bind, fleet_with, log, outcomes, policy


class TestOffPolicy(JobSuite):
    name = "offpolicy"

    def fleet(self, folder):
        return fleet_with(folder, "log", log(self.models), self.models)


class TestOffPolicyOfAPolicyThatIsData(JobSuite):
    name = "offpolicy"
    request = {"policy": "wish"}
    ray = False

    def fleet(self, folder):
        fleet = fleet_with(folder, "log", log(self.models), self.models)
        bind(fleet, "wish", policy(self.models), folder / "bound")
        return fleet


class TestABTest(JobSuite):
    name = "ab_test"
    request = {"experiment": "lists", "base": 0.1}
    refused = {"experiment": ""}

    def fleet(self, folder):
        rows = outcomes(self.models, better="m2")
        return fleet_with(folder, "outcomes", rows, self.models)


# Off-policy


@pytest.mark.parametrize("wished", [False, True])
def test_a_run_tells_what_the_function_tells(tmp_path, wished):
    fleet = fleet_with(tmp_path, "log", log(4), 4)
    if wished:
        bind(fleet, "wish", policy(4), tmp_path / "bound")
    run = fleet.run("offpolicy", policy="wish" if wished else None)
    rows = log(4).drop("target") if wished else log(4)
    told = estimates(foretold(rows, policy(4)) if wished else rows)
    found = run.results()

    names = ["ips", "snips", "dr"] if wished else ["ips", "snips"]
    assert {*found["estimator"]} == {*names}
    same = [name for name in told.columns if name in found.columns]
    key = ["model", "estimator"]
    sides = (table.select(same).sort(key) for table in (told, found))
    assert_frame_equal(*sides, check_dtypes=False, rel_tol=1e-12)
    assert "better" in {*found["verdict"]}


def test_a_log_that_cannot_be_fails_alone(tmp_path):
    broken = pl.when(pl.col("model") == "m1").then(0.0).otherwise("propensity")
    rows = log(3).with_columns(propensity=broken)
    fleet = fleet_with(tmp_path, "log", rows.filter(pl.col("model") != "m2"), 3)
    run = fleet.run("offpolicy")
    why = dict(run.failures().select("model", "reason").rows())

    assert why["m1"] == "a propensity is not above 0 and at most 1"
    assert "no row of the model" in why["m2"]
    assert {*run.results().filter(status="ok")["model"]} == {"m0"}


def test_a_policy_that_cannot_be_fails_alone(tmp_path):
    fleet = fleet_with(tmp_path, "log", log(3), 3)
    odd = pl.when(model="m1", action="b").then(0.5).otherwise("probability")
    bind(fleet, "wish", policy(3).with_columns(probability=odd), tmp_path / "bound")
    run = fleet.run("offpolicy", policy="wish")

    assert run.failures()["model"].to_list() == ["m1"]
    assert {*run.results().filter(status="ok")["model"]} == {"m0", "m2"}


def test_a_log_without_a_column_says_which(tmp_path):
    fleet = fleet_with(tmp_path, "log", log(2).drop("propensity"), 2)
    run = fleet.run("offpolicy")

    assert run.summary["failed"] == 2
    assert "no column 'propensity'" in run.failures()["reason"][0]


def test_floors_and_cuts_are_asked_for(tmp_path):
    fleet = fleet_with(tmp_path, "log", log(2), 2)
    told = fleet.run("offpolicy", least_ess=1e6, clip=2.0).results()

    assert {*told["verdict"]} == {"unknown"}
    assert told["max_weight"].max() == 2
    assert "below 1e+06" in told["reason"][0]


def test_a_role_that_nobody_bound_is_unknown(tmp_path):
    fleet = fleet_with(tmp_path, "log", log(2), 2)
    with pytest.raises(UnknownName, match="no role is called 'wish'"):
        fleet.run("offpolicy", policy="wish")


# A/B tests


def counts(rows):
    told = rows.group_by("model", "group").agg(n=pl.len(), successes=pl.col("success").sum())
    return told.with_columns(pl.col("n", "successes").cast(pl.Float64)).sort("model", "group")


def test_looks_follow_each_other_as_those_of_the_function_do(tmp_path):
    rows = outcomes(3, 900, better="m1").with_columns(place=pl.int_range(pl.len()).over("model"))
    fleet = fleet_with(tmp_path, "outcomes", rows.filter(pl.col("place") < 100), 3)
    state = begun(pl.DataFrame({"model": ["m0", "m1", "m2"], "base": 0.1}))
    seen = 0
    for many in (100, 300, 300, 900):
        bind(fleet, "outcomes", rows.filter(pl.col("place") < many), tmp_path / "bound")
        fleet.run("ab_test", experiment="lists", base=0.1)
        state = looked(state, counts(rows.filter(pl.col("place").is_between(seen, many - 1))))
        seen = many
    rounds = fleet.table("ab_tests").sort("at", "model").collect()
    last = rounds.tail(3)

    for name in ("e_value", "p_value", "looks", "effect", "lower", "verdict", "decided"):
        assert last[name].to_list() == pytest.approx(state[name].to_list()), name
    assert last["verdict"].to_list() == ["undecided", "treatment", "undecided"]
    assert rounds.height == 12


def test_experiments_of_other_names_know_nothing_of_each_other(tmp_path):
    fleet = fleet_with(tmp_path, "outcomes", outcomes(2), 2)
    for name in ("one", "other"):
        fleet.run("ab_test", experiment=name, base=0.1)
    told = fleet.table("ab_tests").collect()

    assert told["looks"].to_list() == [1] * 4


def test_customers_in_two_groups_are_in_neither_and_repetitions_count_once(tmp_path):
    rows = outcomes(1, 40)
    moved = rows.filter(customer="k0").with_columns(group=pl.lit("treatment"))
    again = rows.filter(customer="k1")
    fleet = fleet_with(tmp_path, "outcomes", pl.concat([rows, moved, again]), 1)
    told = fleet.run("ab_test").results().row(0, named=True)

    assert (told["control_n"], told["treatment_n"], told["switched"]) == (19, 20, 1)


def test_groups_of_odd_sizes_are_told_of(tmp_path):
    rows = outcomes(2, 1000)
    kept = (
        (pl.col("model") == "m0")
        | (pl.col("group") == "control")
        | (pl.col("customer").str.ends_with("1"))
    )
    fleet = fleet_with(tmp_path, "outcomes", rows.filter(kept), 2)
    told = fleet.run("ab_test").results()

    assert told["ratio_q_value"].to_list()[0] == 1
    assert told["ratio_q_value"].to_list()[1] < 1e-6


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"group": pl.lit("third")}, "neither 'control' nor 'treatment'"),
        ({"success": pl.lit(2)}, "a success is neither 0 nor 1"),
        ({"success": pl.lit(None, pl.Boolean)}, "a success is neither 0 nor 1"),
        ({"customer": pl.lit(None, pl.String)}, "a customer has no name"),
        ({"group": pl.lit(None, pl.String)}, "no customer of the model has a group"),
    ],
)
def test_outcomes_that_cannot_be_fail_alone(tmp_path, change, reason):
    good, bad = (outcomes(2).filter(model=name) for name in ("m0", "m1"))
    kinds = {"group": pl.String, "customer": pl.String, "success": pl.Int64}
    rows = pl.concat(part.cast(kinds) for part in (good, bad.with_columns(**change).cast(kinds)))
    run = fleet_with(tmp_path, "outcomes", rows, 2).run("ab_test")

    assert run.failures()["model"].to_list() == ["m1"]
    assert reason in run.failures()["reason"].item()
    assert run.results().filter(model="m0")["status"].item() == "ok"


def test_outcomes_that_are_gone_since_the_last_look_are_refused(tmp_path):
    fleet = fleet_with(tmp_path, "outcomes", outcomes(2), 2)
    fleet.run("ab_test", base=0.1)
    fewer = outcomes(2).filter((pl.col("model") == "m0") | (pl.col("customer") > "k2"))
    bind(fleet, "outcomes", fewer, tmp_path / "bound")
    run = fleet.run("ab_test", base=0.1)

    assert run.failures()["model"].to_list() == ["m1"]
    assert "fewer customers" in run.failures()["reason"].item()
