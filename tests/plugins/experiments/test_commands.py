"""`argosy experiment` and `fleet.experiments`: from who is in which group to a verdict."""

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run
from argosy_experiments.groups import group

from .fleets import bind, fleet_with, log

NAME = "new lists"
CUSTOMERS = pl.DataFrame(
    {
        "model": [f"m{place % 2}" for place in range(2000)],
        "customer": [f"k{place}" for place in range(2000)],
    }
)


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, 2)


@pytest.fixture
def said(fleet, capsys):
    """Run a command on the fleet, which must succeed, and return its JSON document."""

    def said(*words):
        capsys.readouterr()
        code = run(["--fleet", fleet.url, "experiment", *map(str, words), "--json"])
        told = capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out)

    return said


def shown(customers):
    """One exposure per customer: a list of two items."""
    return customers.select(
        "model",
        "customer",
        "group",
        version=pl.lit("1"),
        at=pl.lit(datetime(2026, 1, 1, tzinfo=UTC), pl.Datetime("us", "UTC")),
        items=pl.lit(["tea", "rice"], pl.List(pl.String)),
        experiment=pl.lit(NAME),
    )


def bought(customers, rng):
    """Purchases a day later: more of those who were treated, of `m1` only."""
    better = (pl.col("model") == "m1") & (pl.col("group") == "treatment")
    chance = pl.when(better).then(0.45).otherwise(0.15)
    drawn = pl.Series(rng.random(customers.height))
    own = customers.filter(drawn < chance)
    late = pl.DataFrame({"model": "m0", "customer": "late", "item": "tea", "day": 30})
    rows = own.select("model", "customer", item=pl.lit("tea"), day=pl.lit(2))
    day = pl.datetime(2026, 1, pl.col("day"), time_zone="UTC")
    return pl.concat([rows, late.with_columns(pl.col("day").cast(pl.Int32))]).select(
        "model", "customer", "item", at=day
    )


def test_from_groups_to_a_verdict_by_commands_alone(fleet, said, tmp_path):
    CUSTOMERS.write_parquet(tmp_path / "customers.parquet")
    told = said("assign", tmp_path / "customers.parquet", "--experiment", NAME,
                "--to", tmp_path / "groups.parquet")  # fmt: skip
    customers = pl.read_parquet(tmp_path / "groups.parquet")

    assert customers["group"].equals(CUSTOMERS.select(group(NAME).alias("group"))["group"])
    assert sum(each["customers"] for each in told["groups"]) == 2000
    assert min(each["q_value"] for each in told["ratios"]) > 0.01

    shown(customers).write_parquet(tmp_path / "shown.parquet")
    first = said("record", tmp_path / "shown.parquet")
    assert first == said("record", tmp_path / "shown.parquet")
    assert fleet.experiments.recorded().height == 2000

    bought(customers, np.random.default_rng(3)).write_parquet(tmp_path / "bought.parquet")
    told = said("outcomes", tmp_path / "bought.parquet", "--experiment", NAME,
                "--to", tmp_path / "outcomes.parquet")  # fmt: skip
    assert sum(each["customers"] for each in told["groups"]) == 2000

    bind(fleet, "outcomes", pl.read_parquet(tmp_path / "outcomes.parquet"), tmp_path / "bound")
    told = said("look", "--experiment", "lists", "--base", "0.15")
    verdicts = {each["model"]: each["verdict"] for each in told["looks"]}

    assert verdicts == {"m0": "undecided", "m1": "treatment"}
    assert fleet.table("ab_tests").collect()["verdict"].to_list() == [*verdicts.values()]
    assert fleet.sql("SELECT COUNT(*) AS n FROM ab_tests")["n"].item() == 2


def test_shares_and_those_in_no_group(said, tmp_path):
    CUSTOMERS.write_parquet(tmp_path / "customers.parquet")
    told = said("assign", tmp_path / "customers.parquet", "--experiment", NAME,
                "--share", "control=0.1", "--share", "treatment=0.2",
                "--to", tmp_path / "groups.parquet")  # fmt: skip
    sizes = {each["group"]: each["customers"] for each in told["groups"]}

    assert sizes["control"] == pytest.approx(200, abs=60)
    assert sizes["treatment"] == pytest.approx(400, abs=80)
    assert sizes[None] == pytest.approx(1400, abs=100)
    assert min(each["q_value"] for each in told["ratios"]) > 0.01


def test_a_share_that_is_none_is_wrong_usage(fleet, tmp_path, capsys):
    words = ["assign", "x.parquet", "--experiment", "e", "--share", "control", "--to", "y.parquet"]

    assert run(["--fleet", fleet.url, "experiment", *words]) == 2
    assert "write control=0.5" in capsys.readouterr().err


def test_lists_are_blended_and_guarded(said, tmp_path):
    scores = pl.DataFrame(
        {"model": "m0", "customer": "ann", "item": ["tea", "rice"], "click": [0.9, 0.1],
         "buy": [0.2, 0.3]}
    )  # fmt: skip
    rules = pl.DataFrame(
        {"model": "m0", "rule": "weighted", "kpi": ["click", "buy"], "weight": [1.0, 3.0]}
    )
    scores.write_parquet(tmp_path / "scores.parquet")
    rules.write_csv(tmp_path / "rules.csv")
    told = said("blend", tmp_path / "scores.parquet", tmp_path / "rules.csv",
                "--to", tmp_path / "lists.parquet")  # fmt: skip
    rows = pl.read_parquet(tmp_path / "lists.parquet")

    assert (told["lists"], told["items"]) == (1, 2)
    assert rows["item"].to_list() == ["rice", "tea"]

    lists = pl.DataFrame(
        {"model": "m0", "customer": ["ann", "bob"], "items": [["tea"], ["oil"]],
         "scores": [[0.4], [7.0]]}
    )  # fmt: skip
    lists.write_parquet(tmp_path / "made.parquet")
    pl.DataFrame({"model": ["m0"], "high": [1.0]}).write_csv(tmp_path / "bounds.csv")
    pl.DataFrame({"model": ["m0"], "items": [["rice"]]}).write_parquet(tmp_path / "best.parquet")
    files = "--bounds", tmp_path / "bounds.csv", "--fallback", tmp_path / "best.parquet"
    told = said("guard", tmp_path / "made.parquet", *files, "--to", tmp_path / "served.parquet")

    assert told["replaced"] == [
        {"model": "m0", "customer": "bob", "reason": "a score of 7.0 is above 1.0"}
    ]
    assert pl.read_parquet(tmp_path / "served.parquet")["items"].to_list() == [["tea"], ["rice"]]


def test_off_policy_estimates_are_printed_and_kept(tmp_path, capsys):
    fleet = fleet_with(tmp_path, "log", log(2), 2)
    assert run(["--fleet", fleet.url, "experiment", "offpolicy"]) == 0
    text = capsys.readouterr().out

    assert "2 of 2 models estimated" in text
    assert "snips" in text
    assert fleet.table("offpolicy_estimates").collect().height == 4


def test_the_accessor_carries_out_the_jobs(tmp_path):
    fleet = fleet_with(tmp_path, "log", log(2), 2)
    run = fleet.experiments.offpolicy("model = 'm1'", clip=3.0)

    assert {*run.results()["model"]} == {"m1"}
    assert fleet.experiments.estimates(log(2)).height == 4
