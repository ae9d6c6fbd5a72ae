"""Alerts with one cause are one incident, which is followed through windows and runs."""

from datetime import UTC, datetime

import polars as pl
from polars.testing import assert_frame_equal

from argosy.testing.fleets import logged_fleet


def move(tmp_path, models, column="age", by=100.0, role="current"):
    path = tmp_path / f"{role}.parquet"
    hurt = pl.col("client").is_in(models)
    table = pl.read_parquet(path)
    shifted = pl.when(hurt).then(pl.col(column) + by).otherwise(pl.col(column))
    table.with_columns(shifted.alias(column)).write_parquet(path)


def told(fleet):
    """Say how the incident stands; five in a hundred columns beside it may be false alarms."""
    mine = fleet.incidents().filter(pl.col("columns").list.contains("age"))
    return mine.select("kind", "cause", "state", "many").collect().rows()


def worst(fleet):
    return fleet.incidents().head(1).collect().row(0, named=True)


def test_one_broken_feature_is_one_incident_that_names_everything(tmp_path):
    fleet = logged_fleet(tmp_path, models=40)
    hurt = [f"m{number}" for number in range(30)]
    move(tmp_path, hurt)
    before = datetime.now(UTC)
    run = fleet.check_drift()
    found = worst(fleet)

    assert (found["kind"], found["cause"], found["state"]) == ("feature", "age", "opened")
    assert found["columns"] == ["age"]
    assert found["models"] == sorted(hurt)
    assert found["onset_at"] >= before.replace(microsecond=0)
    assert found["opened_run"] == run.id
    assert found["reason"].startswith("feature 'age': age in 30 models since ")


def test_an_incident_goes_on_worsens_and_is_resolved(tmp_path):
    fleet = logged_fleet(tmp_path, models=12, rows=2000)
    move(tmp_path, ["m1", "m2"])
    fleet.check_drift()
    first = worst(fleet)["incident"]
    fleet.check_drift()
    assert told(fleet) == [("feature", "age", "ongoing", 2)]
    move(tmp_path, ["m3", "m4", "m5"])
    fleet.check_drift()
    assert told(fleet) == [("feature", "age", "worsened", 5)]
    move(tmp_path, [f"m{number}" for number in range(1, 6)], by=-100.0)
    fleet.check_drift()

    assert told(fleet) == [("feature", "age", "resolved", 5)]
    assert first in fleet.incidents().collect()["incident"]


def test_what_spreads_from_one_model_keeps_its_identity(tmp_path):
    fleet = logged_fleet(tmp_path, models=6)
    move(tmp_path, ["m1"])
    fleet.check_drift()
    first = worst(fleet)
    move(tmp_path, ["m2"])
    fleet.check_drift()
    later = worst(fleet)

    assert first["kind"] == "model"
    assert (later["kind"], later["state"]) == ("feature", "worsened")
    assert (later["incident"], later["onset"]) == (first["incident"], first["onset"])


def test_what_was_not_looked_at_stays_open(tmp_path):
    fleet = logged_fleet(tmp_path, models=6)
    move(tmp_path, ["m1"])
    fleet.check_drift()
    fleet.check_drift("model = 'm3'")

    assert told(fleet) == [("model", "m1", "opened", 1)]


def test_an_incident_of_retired_models_is_over(tmp_path):
    fleet = logged_fleet(tmp_path, models=6)
    move(tmp_path, ["m1"])
    fleet.check_drift()
    fleet.retire(fleet.where("model = 'm1'"))
    fleet.check_drift()

    assert told(fleet) == [("model", "m1", "resolved", 1)]


def test_a_back_fill_follows_incidents_from_window_to_window(tmp_path):
    """Four windows: clean, hurt, hurt, clean."""
    fleet = logged_fleet(tmp_path, models=4, rows=400)
    path = tmp_path / "current.parquet"
    number = pl.int_range(pl.len()).over("client")
    hurt = number.is_between(100, 299)
    table = pl.read_parquet(path).with_columns(age=pl.when(hurt).then(900.0).otherwise("age"))
    table.write_parquet(path)
    run = fleet.check_drift(window="100 rows")
    history = fleet.facts.scan("incidents").sort("place").collect()

    assert run.summary["drifted"] == 0  # the newest window is clean
    assert history.select("state", "window", "onset").rows() == [
        ("opened", "rows 000000101 to 000000200", "rows 000000101 to 000000200"),
        ("ongoing", "rows 000000201 to 000000300", "rows 000000101 to 000000200"),
        ("resolved", "rows 000000301 to 000000400", "rows 000000101 to 000000200"),
    ]


def test_the_past_has_its_own_incidents(tmp_path):
    fleet = logged_fleet(tmp_path, models=6)
    move(tmp_path, ["m1"])
    fleet.check_drift()
    then = fleet.incidents().collect()
    seq = fleet.seq
    move(tmp_path, ["m1"], by=-100.0)
    fleet.check_drift()

    assert_frame_equal(then, fleet.as_of(seq).incidents().collect())
