"""Triage knows models that were not evaluated, could not be, or do worse than they did."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.testing.fleets import logged_fleet

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = {"key": "m", "timestamp": "ts", "score": "s", "truth": "y"}


def regressors(models, days, each=40, seed=5, worse=(), better=(), stops=None):
    """Return rows of models with errors of 1, on the last day of 3 or of 0.3 for some."""
    draws = np.random.default_rng(seed)
    frames = []
    for model in models:
        size = np.ones(days * each)
        last = 3.0 if model in worse else 0.3 if model in better else 1.0
        size[-each:] = last
        truth = draws.normal(size=days * each)
        frames.append(
            pl.DataFrame(
                {
                    "m": model,
                    "ts": [
                        START + timedelta(days=day, minutes=place * 1440 / each)
                        for day in range(days)
                        for place in range(each)
                    ],
                    "y": truth,
                    "p": truth + draws.normal(size=days * each) * size,
                }
            )
        )
        if stops and model in stops:
            frames[-1] = frames[-1].filter(pl.col("ts") < START + timedelta(days=stops[model]))
    return pl.concat(frames)


@pytest.fixture
def store(tmp_path):
    def make(models, rows, **registered):
        rows.write_parquet(tmp_path / "current.parquet")
        fleet = argosy.open(str(tmp_path / "fleet"), create=True)
        fleet.register(
            pl.DataFrame({"model": models, "version": "1", "task": "regression", **registered})
        )
        fleet.bind(
            [{"role": "current", "url": str(tmp_path / "current.parquet"), "key": "m",
              "timestamp": "ts", "prediction": "p", "truth": "y"}]
        )  # fmt: skip
        return fleet

    return make


def causes(fleet):
    return dict(fleet.triage().select("model", "cause").rows())


def test_s1_28_success_on_one_role_hides_no_failure_on_another(tmp_path):
    fleet = logged_fleet(tmp_path, models=2)
    (tmp_path / "holdout.parquet").unlink()
    fleet.evaluate()
    fleet.evaluate(data="current")
    listed = fleet.triage().filter(cause="evaluation failed")

    assert listed["model"].to_list() == ["m0", "m1"]
    assert listed["reason"].str.contains("on 'holdout': cannot read").all()
    assert listed["next_step"][0].endswith("`argosy evaluate --where \"model = 'm0'\"`")


def test_a_failure_is_told_since_when_and_how_often(tmp_path):
    fleet = logged_fleet(tmp_path, models=1)
    path = tmp_path / "holdout.parquet"
    content = path.read_bytes()
    fleet.evaluate()
    path.unlink()
    first = fleet.evaluate()
    fleet.evaluate()
    row = fleet.triage().row(0, named=True)

    assert row["since"] == fleet.evaluations().filter(run_id=first.id).collect()["at"][0]
    assert row["reason"].endswith("(2 times in a row)")

    path.write_bytes(content)
    fleet.evaluate()
    assert "evaluation failed" not in causes(fleet).values()


def test_a_failure_of_a_version_that_nobody_uses_is_not_listed(tmp_path):
    fleet = logged_fleet(tmp_path, models=1)
    (tmp_path / "holdout.parquet").unlink()
    fleet.evaluate()
    fleet.register({"model": ["m0"], "version": ["2"]})

    assert "evaluation failed" not in causes(fleet).values()
    fleet.set_alias({"model": ["m0"], "version": ["1"]}, "champion")
    assert causes(fleet) == {"m0": "evaluation failed"}


def test_a_version_with_rows_that_was_never_evaluated_is_listed_last(tmp_path):
    fleet = logged_fleet(tmp_path, models=2, rows=400, seed=3)
    fleet.check_drift()
    fleet.evaluate("model = 'm0'", metrics=["auc"])
    listed = fleet.triage()

    assert listed["model"][-1] == "m1"
    assert listed["cause"][-1] == "never evaluated"
    assert listed["severity"][-1] < 10


def test_the_newest_window_is_tested_against_the_models_own_past(store):
    models = [f"m{number}" for number in range(8)]
    rows = regressors(models, 12, worse={"m3"}, better={"m5"})
    fleet = store(models, rows)
    fleet.evaluate(data="current", metrics=["rmse"], window="1d")
    listed = fleet.triage().filter(cause="worse than before")

    assert listed["model"].to_list() == ["m3"]
    assert "in the window 2026-01-12 of 'current'" in listed["reason"].item()
    assert "t-test, q" in listed["reason"].item()
    assert listed["since"].item() == START + timedelta(days=11)


def test_a_last_window_that_is_cut_short_is_no_fall(store):
    models = ["a", "b"]
    rows = regressors(models, 12, worse={"a"})
    fleet = store(models, rows.filter(pl.col("ts") < START + timedelta(days=11, hours=6)))
    fleet.evaluate(data="current", metrics=["rmse"], window="1d")
    kept = fleet.evaluations().filter(pl.col("window_start") == START + timedelta(days=11))

    assert kept.collect()["whole"].to_list() == [False, False]
    assert "worse than before" not in causes(fleet).values()


def test_too_few_windows_say_nothing_of_a_past(store):
    fleet = store(["a"], regressors(["a"], 6, worse={"a"}))
    fleet.evaluate(data="current", metrics=["rmse"], window="1d")

    assert "worse than before" not in causes(fleet).values()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_clean_fleets_are_not_said_to_have_fallen(store, seed):
    models = [f"m{number:03}" for number in range(150)]
    fleet = store(models, regressors(models, 10, seed=seed))
    fleet.evaluate(data="current", metrics=["rmse"], window="1d")

    assert fleet.triage().filter(cause="worse than before").is_empty()


def test_a_model_that_stops_while_its_file_goes_on_is_told(store):
    models = ["a", "b"]
    fleet = store(models, regressors(models, 8, stops={"b": 5}))
    fleet.evaluate(data="current", metrics=["rmse"], window="1d")
    row = fleet.triage().filter(cause="nothing to evaluate since").row(0, named=True)

    assert row["model"] == "b"
    assert row["reason"] == "'current' has no rows since the window 2026-01-05"
    assert row["since"] == START + timedelta(days=4)

    regressors(models, 9, seed=6).write_parquet(fleet.bindings().collect()["url"][0])
    fleet.evaluate(data="current", metrics=["rmse"], window="1d")
    assert "nothing to evaluate since" not in causes(fleet).values()
