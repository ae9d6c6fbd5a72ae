"""A gap between realised and estimated performance that persists is told as concept drift."""

import json
import re

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import BadInput
from argosy.plugins import configured, options
from argosy.plugins.settings import using
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run as cli

from .figures import rewrite

DAYS = 6


def dated(tmp_path, models=6, turned=(), since=3, rows=150, seed=7, minutes=0):
    """A fleet with six days of current rows; the labels of some models turn after some days.

    A day's rows are of one time, or so many minutes apart: six times are too few to judge by.
    """
    fleet = logged_fleet(tmp_path, models=models, rows=rows * DAYS, seed=seed)
    path = tmp_path / "current.parquet"
    number = pl.int_range(pl.len()).over("client") // rows
    noise = pl.Series(np.random.default_rng(seed).uniform(size=models * rows * DAYS))
    # from then on the score says nothing of the label
    blurred = pl.when(pl.col("client").is_in(list(turned)) & (number >= since))
    pl.read_parquet(path).with_columns(
        when=pl.datetime(2026, 1, 1)
        + pl.duration(days=number)
        + pl.duration(minutes=pl.int_range(pl.len()).over("client") % rows * minutes),
        label=blurred.then((noise < 0.5).cast(pl.Int64)).otherwise("label"),
    ).write_parquet(path)
    row = {"role": "current", "url": str(path), "key": "client", "score": "score",
           "truth": "label", "timestamp": "when"}  # fmt: skip
    fleet.bind([row])
    return fleet


def both(fleet, window=None, **options):
    fleet.estimate(window=window, **options)
    fleet.evaluate(data="current", window=window)
    return fleet


def test_a_gap_that_persists_is_told_as_concept_drift(tmp_path):
    fleet = both(dated(tmp_path, turned={"m1", "m4"}), window="1d")
    found = fleet.concept_drift()
    listed = fleet.triage()

    assert found["model"].to_list() == ["m1", "m4"]
    assert (found["times"].to_list(), found["among"].to_list()) == ([3, 3], [3, 3])
    told = found["reason"][0]
    assert re.fullmatch(
        r"concept drift: realised \w+ [\d.]+ outside the estimated [\d.]+ to [\d.]+ in 3 of the"
        r" last 3 windows",
        told,
    ), told
    assert dict(listed.select("model", "reason").rows())["m1"] == told
    assert listed.filter(model="m1")["severity"].item() >= 75


def test_a_gap_that_is_over_is_told_no_longer(tmp_path):
    """Two bad days of three are bad luck, or not yet enough."""
    fleet = both(dated(tmp_path, turned={"m1"}, since=4), window="1d")

    assert fleet.concept_drift().is_empty()
    with using({**configured(), "core": {"concept": [2, 3]}}):
        assert fleet.concept_drift()["model"].to_list() == ["m1"]


def test_drift_of_the_data_alone_is_no_concept_drift(tmp_path):
    """Scores that move are what an estimate accounts for."""
    fleet = dated(tmp_path, models=20, rows=150)
    path = tmp_path / "current.parquet"
    pl.read_parquet(path).filter(pl.col("score") > 0.35).write_parquet(path)
    both(fleet, window="1d")

    assert fleet.concept_drift().is_empty()


def test_models_whose_scores_mean_what_they_meant_are_seldom_told(tmp_path):
    """200 models, six windows, eight metrics: at most one in a hundred by bad luck."""
    fleet = both(dated(tmp_path, models=200, rows=60), window="1d")
    rows = fleet.realised().collect()

    assert rows.height > 200 * 6 * 7
    assert rows["beyond"].mean() < 0.08
    assert fleet.concept_drift().height <= 2


def test_runs_count_where_rows_are_not_cut(tmp_path):
    fleet = dated(tmp_path, models=2, turned={"m1"}, since=0, minutes=5)
    for times in (1, 2, 3):
        assert fleet.concept_drift().is_empty()
        both(fleet)
        assert fleet.realised().filter(metric="auc").collect().height == 2 * times
    found = fleet.concept_drift()

    assert found["model"].to_list() == ["m1"]
    assert found["reason"].item().endswith("in 3 of the last 3 evaluations")


def test_an_evaluation_belongs_to_the_estimate_before_it(tmp_path):
    """Data that a role names moves on; what came later was estimated for later rows."""
    fleet = logged_fleet(tmp_path, models=1, rows=300)
    both(fleet)
    first = fleet.realised().filter(metric="auc").collect().row(0, named=True)
    rewrite(tmp_path, "current", pl.col("score") > 0.4)
    fleet.estimate()
    again = fleet.realised().filter(metric="auc").collect()

    assert again.height == 1
    assert again["estimated"].item() == first["estimated"]


def test_only_versions_in_use_are_looked_at(tmp_path):
    fleet = both(dated(tmp_path, models=2, turned={"m1"}), window="1d")
    fleet.register({"model": ["m1"], "version": ["2"]})
    assert fleet.concept_drift().is_empty()
    fleet.set_alias({"model": ["m1"], "version": ["1"]}, "champion")

    assert fleet.concept_drift().select("model", "version").rows() == [("m1", "1")]
    told = dict(fleet.triage().select("model", "reason").rows())["m1"]
    assert told.startswith("version 1: concept drift")


def test_show_and_sql_tell_the_gap(tmp_path, capsys):
    fleet = both(dated(tmp_path, models=2, turned={"m1"}), window="1d")
    assert cli(["--fleet", fleet.url, "--json", "show", "m1"]) == 0
    told = json.loads(capsys.readouterr().out)
    asked = "SELECT model, gap FROM realised WHERE metric = 'auc' AND beyond"

    assert told["concept"].startswith("concept drift: realised")
    assert {row["window"] for row in told["estimates"]} == {
        f"2026-01-0{day}" for day in range(1, 7)
    }
    measured = [row for row in told["estimates"] if row["realised"] is not None]
    assert len(measured) >= 6 * 8
    assert all(row["gap"] == row["realised"] - row["value"] for row in measured)
    assert set(fleet.sql(asked)["model"]) == {"m1"}
    assert cli(["--fleet", fleet.url, "show", "m1"]) == 0
    assert "concept drift: realised" in " ".join(capsys.readouterr().out.split())


def test_a_rule_that_cannot_be_kept_is_refused():
    with using({**configured(), "core": {"concept": [4, 3]}}), pytest.raises(BadInput):
        options("core")


def logged_regressors(tmp_path, spread, days=3, each=200, seed=3):
    """Make a fleet whose errors had a spread of 2 in the reference, and another one since."""
    draws = np.random.default_rng(seed)

    def rows(size, many):
        truth = draws.normal(size=many)
        return pl.DataFrame(
            {
                "m": ["a"] * many,
                "ts": pl.datetime_range(
                    pl.datetime(2026, 1, 1), pl.datetime(2026, 1, 1 + days),
                    f"{days * 1440 * 60 // many}s", closed="left", eager=True,
                ).head(many),
                "y": truth,
                "p": truth + draws.normal(size=many) * size,
            }
        )  # fmt: skip

    tmp_path.mkdir()
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a"], "version": ["1"], "task": ["regression"]})
    for role, size in (("holdout", 2.0), ("current", spread)):
        rows(size, days * each).write_parquet(tmp_path / f"{role}.parquet")
        url = str(tmp_path / f"{role}.parquet")
        fleet.bind([{"role": role, "url": url, "key": "m", "timestamp": "ts",
                     "prediction": "p", "truth": "y"}])  # fmt: skip
    return fleet


def test_r5_doing_better_than_was_estimated_is_no_alarm(tmp_path):
    fleet = both(logged_regressors(tmp_path / "a", 1.0), window="1d", estimators=["direct_loss"])
    assert fleet.realised().filter(pl.col("beyond")).collect().height > 0

    assert fleet.concept_drift().is_empty()
    assert "concept drift" not in fleet.triage()["cause"].to_list()


def test_r5_doing_worse_than_was_estimated_is_one(tmp_path):
    fleet = both(logged_regressors(tmp_path / "a", 4.0), window="1d", estimators=["direct_loss"])

    assert fleet.concept_drift()["model"].to_list() == ["a"]
    row = fleet.triage().filter(cause="concept drift").row(0, named=True)
    assert f"{row['since']:%Y-%m-%d}" == "2026-01-01"


def test_windows_that_are_not_whole_on_both_sides_do_not_count(tmp_path):
    fleet = dated(tmp_path, models=1, turned={"m0"})
    path = tmp_path / "current.parquet"
    rows = pl.read_parquet(path)
    # of the sixth day an hour is left
    rows.filter(pl.int_range(pl.len()) < 150 * 5 + 60).write_parquet(path)
    spread = pl.col("when") + pl.duration(minutes=9) * (pl.int_range(pl.len()).over("when"))
    pl.read_parquet(path).with_columns(when=spread).write_parquet(path)
    both(fleet, window="1d")
    whole = fleet.realised().filter(metric="auc").sort("window_start").collect()

    assert whole["whole"].to_list() == [True] * 5 + [False]
    assert fleet.concept_drift().is_empty()
    with using({**configured(), "core": {"concept": [2, 2]}}):
        assert fleet.concept_drift()["times"].to_list() == [2]
