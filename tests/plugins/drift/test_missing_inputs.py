"""A column that is gone, empty or of another type is found, and nobody is told that all is well."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import RowsRefused


@pytest.fixture
def fleet(tmp_path):
    draws = np.random.default_rng(3)
    names = ["a", "b"]
    rows = pl.DataFrame(
        {"m": names * 300, "x": draws.normal(size=600), "z": draws.normal(size=600)}
    )
    for role in ("reference", "current"):
        rows.write_parquet(tmp_path / f"{role}.parquet")
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": names, "version": ["1", "1"]})
    fleet.bind(
        [
            {"role": role, "url": str(tmp_path / f"{role}.parquet"), "key": "m"}
            for role in ("reference", "current")
        ]
    )
    return fleet


def broken(tmp_path, how):
    path = tmp_path / "current.parquet"
    rows = pl.read_parquet(path)
    changed = {
        "gone": rows.drop("x"),
        "text": rows.with_columns(pl.col("x").cast(pl.String)),
        "empty": rows.with_columns(x=pl.lit(None, pl.Float64)),
    }[how]
    changed.write_parquet(path)
    return rows


@pytest.mark.parametrize("how", ["gone", "text", "empty"])
def test_s1_1_a_feature_that_vanishes_heads_triage_and_opens_an_incident(fleet, tmp_path, how):
    sound = broken(tmp_path, how)
    fleet.check_drift()
    listed = fleet.triage()
    incidents = fleet.incidents().filter(kind="missing input").collect()

    assert "clear" not in set(fleet.verdicts()["verdict"])
    assert fleet.where("NOT drifted").frame().is_empty()
    assert listed["cause"].to_list() == ["missing input"] * 2
    assert "'x'" in listed["reason"][0]
    assert incidents.select("cause", "models", "state").rows() == [("x", ["a", "b"], "opened")]
    assert incidents["reason"].item().startswith("the input 'x' is missing in 2 models since ")
    fleet.check_drift("model = 'a'")
    assert fleet.incidents().filter(kind="missing input").collect()["many"].to_list() == [2]
    sound.write_parquet(tmp_path / "current.parquet")
    fleet.check_drift()
    assert set(fleet.verdicts()["verdict"]) == {"clear"}
    assert fleet.incidents().filter(kind="missing input").collect()["state"].item() == "resolved"


def test_a_new_column_is_no_alarm(fleet, tmp_path):
    path = tmp_path / "current.parquet"
    pl.read_parquet(path).with_columns(new=pl.lit(1.0)).write_parquet(path)
    fleet.check_drift()

    assert set(fleet.verdicts()["verdict"]) == {"clear"}


def test_what_a_person_excuses_is_shown_and_not_unknown(fleet, tmp_path):
    broken(tmp_path, "gone")
    fleet.put("excuse", [{"model": "a", "column": "x", "why": "the feed is slow"}])
    fleet.check_drift()

    told = fleet.verdicts().select("model", "verdict", "excused", "missing").rows()
    assert told == [("a", "clear", ["x"], []), ("b", "unknown", [], ["x"])]


def test_an_excuse_ends(fleet, tmp_path):
    broken(tmp_path, "gone")
    past = "2026-01-01T00:00:00Z"
    with pytest.raises(RowsRefused, match="it is over since"):
        fleet.put(
            "excuse",
            pl.DataFrame([{"model": "a", "column": "x", "why": "slow"}]).with_columns(
                until=pl.lit(past).str.to_datetime(time_zone="UTC", time_unit="us")
            ),
        )
    with pytest.raises(RowsRefused, match="say why"):
        fleet.put("excuse", [{"model": "a", "column": "x", "why": " "}])
    with pytest.raises(RowsRefused, match="no model is called 'c'"):
        fleet.put("excuse", [{"model": "c", "column": "x", "why": "slow"}])
