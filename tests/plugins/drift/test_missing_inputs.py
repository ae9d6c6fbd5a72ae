"""A column that is gone, empty or of another type is found, and nobody is told that all is well."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.errors import RowsRefused
from argosy_cli.main import run


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
    assert (
        incidents["reason"]
        .item()
        .startswith("the input 'x' is missing or another in 2 models since ")
    )
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


def shops(tmp_path, reference, current, detectors=None):
    """Check models `a` and `b`, whose column `shop` has these texts on either side."""
    for role, texts in (("reference", reference), ("current", current)):
        schema = {"m": pl.String, "shop": pl.String}
        rows = pl.DataFrame(
            {"m": ["a", "b"] * len(texts), "shop": [text for text in texts for _ in "ab"]}, schema
        )
        draws = np.random.default_rng(len(role))
        rows.with_columns(x=draws.normal(size=rows.height)).write_parquet(
            tmp_path / f"{role}.parquet"
        )
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"]})
    role_of = {role: str(tmp_path / f"{role}.parquet") for role in ("reference", "current")}
    fleet.bind([{"role": role, "url": url, "key": "m"} for role, url in role_of.items()])
    fleet.check_drift(detectors=detectors)
    return fleet


def drawn(names, many, seed=1):
    return np.random.default_rng(seed).choice(names, many).tolist()


@pytest.mark.parametrize("detectors", [None, ["nulls"]])
def test_s18_2_a_column_full_of_new_categories_is_a_missing_input(tmp_path, capsys, detectors):
    """Whether a detector that looks for them was asked or not."""
    fleet = shops(tmp_path, drawn(["a", "b", "c"], 300), drawn(["A", "B", "c"], 300), detectors)
    listed, told = fleet.triage(), fleet.verdicts()

    assert set(told["verdict"]) == ({"drifted"} if detectors is None else {"unknown"})
    assert told["missing"].to_list() == [["shop"]] * 2
    assert listed["cause"].to_list() == ["missing input"] * 2
    said = "of its 300 current values lie in categories that the reference never had"
    if detectors is None:
        said = "the input 'shop' is missing or another; drift in 'shop': "
    assert said in listed["reason"][0]
    incident = fleet.incidents().filter(kind="missing input").collect().row(0, named=True)
    assert (incident["cause"], incident["models"]) == ("shop", ["a", "b"])
    named = [] if detectors is None else ["--detector", "nulls"]
    assert run(["--fleet", fleet.url, "drift", "--fail-on-drift", *named]) == 3
    capsys.readouterr()
    rows = pl.read_parquet(tmp_path / "reference.parquet")
    rows.write_parquet(tmp_path / "current.parquet")
    fleet.check_drift(detectors=detectors)
    assert set(fleet.verdicts()["verdict"]) == {"clear"}
    assert fleet.triage().is_empty()


def test_a_person_may_excuse_new_categories(tmp_path):
    fleet = shops(tmp_path, drawn(["a", "b"], 100), ["A"] * 100, ["nulls"])
    fleet.put("excuse", [{"model": "a", "column": "shop", "why": "renamed on purpose"}])
    fleet.check_drift(detectors=["nulls"])

    told = fleet.verdicts().select("model", "verdict", "excused", "missing").rows()
    assert told == [("a", "clear", ["shop"], []), ("b", "unknown", [], ["shop"])]


@pytest.mark.parametrize(
    ("reference", "current", "missing"),
    [
        (drawn(["a", "b"], 300), ["a"] * 51 + ["new"] * 49, False),
        (drawn(["a", "b"], 300), ["a"] * 49 + ["new"] * 51, True),
        (drawn(["a", "b"], 300), ["new"] * 19, False),
        (drawn(["a", "b"], 300), ["new"] * 20, True),
        (["a"] * 19, ["new"] * 40, False),
        (drawn(["a", "b"], 300), [None] * 30 + ["new"] * 20, True),
        ([None] * 300, ["new"] * 300, False),
        ([f"order {n}" for n in range(300)], [f"order {n}" for n in range(300, 600)], False),
        (["gold"] * 300, [f"order {n}" for n in range(300)], True),
    ],
    ids=["just below half", "just above", "too few", "enough", "too few known", "with nulls",
         "nothing known", "identifiers", "became identifiers"],
)  # fmt: skip
def test_what_is_full_of_new_categories(tmp_path, reference, current, missing):
    """Of identifiers, which never recur, nothing is said."""
    fleet = shops(tmp_path, reference, current, ["nulls"])

    assert fleet.verdicts()["missing"].to_list() == [["shop"] if missing else []] * 2
