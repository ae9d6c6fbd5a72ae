"""The job `ab_revenue`: what every job must do, and what customers are worth in either group."""

import json

import numpy as np
import polars as pl
import pytest

from argosy.testing.jobs import JobSuite
from argosy_cli.main import run as cli
from argosy_experiments.ab_tests.means import compared

from .fleets import bind, fleet_with


def revenues(models, customers=400, seed=8, better=None):
    """Customers in two groups, most of whom spend nothing; one model's treatment earns more."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(models):
        treated = np.arange(customers) % 2 == 1
        scale = 10.0 * np.where(treated & (f"m{number}" == better), 3, 1)
        spent = rng.gamma(2.0, scale) * (rng.random(customers) < 0.3)
        parts.append(
            pl.DataFrame(
                {
                    "model": f"m{number}",
                    "customer": [f"k{place}" for place in range(customers)],
                    "group": np.where(treated, "treatment", "control"),
                    "revenue": spent,
                }
            )
        )
    return pl.concat(parts)


class TestRevenue(JobSuite):
    name = "ab_revenue"
    request = {"experiment": "lists", "horizon": 400.0}
    refused = {"experiment": ""}
    ray = False  # `ab_test` counts the same customers there

    def fleet(self, folder):
        return fleet_with(folder, "outcomes", revenues(self.models, better="m2"), self.models)


def test_a_run_tells_what_the_function_tells(tmp_path):
    rows = revenues(3, better="m1")
    fleet = fleet_with(tmp_path, "outcomes", rows, 3)
    found = fleet.experiments.revenue("lists", horizon=400.0).results().sort("model")
    sums = rows.group_by("model", "group").agg(
        n=pl.len(), total=pl.col("revenue").sum(), squares=(pl.col("revenue") ** 2).sum()
    )
    expected = compared(sums, horizon=400.0)

    for name in ("control", "treatment", "effect", "lower", "upper", "e_value"):
        assert found[name].to_list() == pytest.approx(expected[name].to_list()), name
    assert found["verdict"].to_list() == ["undecided", "treatment", "undecided"]
    assert {*found["experiment"]} == {"lists"}


def test_looks_are_kept_and_read_all_customers_anew(tmp_path):
    rows = revenues(2)
    early = rows.filter(pl.col("customer").str.len_chars() < 4)
    fleet = fleet_with(tmp_path, "outcomes", early, 2)
    fleet.run("ab_revenue")
    bind(fleet, "outcomes", rows, tmp_path / "bound")
    fleet.run("ab_revenue")
    looks = fleet.table("ab_revenues").sort("at", "model").collect()

    assert looks["control_n"].to_list() == [50, 50, 200, 200]
    whole = rows.filter(group="control").group_by("model").agg(pl.col("revenue").sum())
    assert looks["control_total"].tail(2).to_list() == pytest.approx(
        whole.sort("model")["revenue"].to_list()
    )


def test_few_customers_are_no_failure_and_no_verdict(tmp_path):
    fleet = fleet_with(tmp_path, "outcomes", revenues(1, 60), 1)
    told = fleet.run("ab_revenue").results().row(0, named=True)

    assert (told["status"], told["verdict"], told["lower"]) == ("ok", "undecided", None)
    assert told["reason"] == "fewer than 50 customers in a group"


def test_groups_of_odd_sizes_and_customers_in_both_are_told_of(tmp_path, capsys):
    rows = revenues(1, 1000)
    kept = rows.filter((pl.col("group") == "control") | pl.col("customer").str.ends_with("1"))
    moved = rows.filter(customer="k0").with_columns(group=pl.lit("treatment"))
    fleet = fleet_with(tmp_path, "outcomes", pl.concat([kept, moved]), 1)

    assert cli(["--fleet", fleet.url, "experiment", "revenue"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "1 models whose groups are not as large as they should be" in said
    assert "1 customers were seen in both groups" in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"group": pl.lit("third")}, "neither 'control' nor 'treatment'"),
        ({"revenue": pl.lit(float("inf"))}, "a revenue is not a finite number"),
        ({"revenue": pl.lit(None, pl.Float64)}, "a revenue is not a finite number"),
        ({"customer": pl.lit(None, pl.String)}, "a customer has no name"),
        ({"customer": pl.lit("ann"), "group": pl.lit("control")}, "has several values"),
    ],
)
def test_outcomes_that_cannot_be_fail_alone(tmp_path, change, reason):
    good, bad = (revenues(2).filter(model=name) for name in ("m0", "m1"))
    rows = pl.concat([good, bad.with_columns(**change)])
    run = fleet_with(tmp_path, "outcomes", rows, 2).run("ab_revenue")

    assert run.failures()["model"].to_list() == ["m1"]
    assert reason in run.failures()["reason"].item()
    assert run.results().filter(model="m0")["status"].item() == "ok"


def test_outcomes_without_revenue_say_so(tmp_path):
    fleet = fleet_with(tmp_path, "outcomes", revenues(2).drop("revenue"), 2)
    run = fleet.run("ab_revenue")

    assert run.summary["failed"] == 2
    assert "no column 'revenue'" in run.failures()["reason"][0]


def test_the_command_prints_one_document(tmp_path, capsys):
    fleet = fleet_with(tmp_path, "outcomes", revenues(2, better="m1"), 2)
    words = ["experiment", "revenue", "--experiment", "lists", "--horizon", "400", "--json"]

    assert cli(["--fleet", fleet.url, *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["model"]: row["verdict"] for row in told["revenues"]} == {
        "m0": "undecided",
        "m1": "treatment",
    }
