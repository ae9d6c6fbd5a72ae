"""Triage lists what any cause finds, ours as a plugin's: the worst cause of a model, once."""

from datetime import UTC, datetime

import polars as pl
import pytest

from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy.types import TriageCause


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, models=4, drifting={"m1"})


def cause(monkeypatch, name, rows, step="look at it", **more):
    """Offer a cause that finds these models."""

    def find(view):
        assert not hasattr(view, "set_alias")
        schema = {"model": pl.String, "severity": pl.Float64, "reason": pl.String}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        return table.with_columns(**more).to_arrow()

    monkeypatch.setitem(installed().causes, name, TriageCause(name, "A test.", step, find))


def test_the_causes_that_come_with_argosy_are_offered_as_anybodys_are():
    assert {
        *("evaluation failed", "evaluation unknown", "worse than before"),
        *("nothing to evaluate since",),
        *("evaluation stale", "never evaluated"),
        *("drift", "missing input", "drift unknown", "no data since", "drift stale"),
        *("never checked", "concept drift", "estimate failed", "estimate unknown"),
        *("prediction failed",),
        *("training failed", "no version", "gate not passed", "below its gate"),
        *("comparison failed", "quarantined"),
    } <= set(installed().causes)


def test_a_cause_of_a_plugin_is_listed_with_its_next_step(fleet, monkeypatch):
    cause(monkeypatch, "stale", [("m0", 10.0, "it is old")], "argosy train")
    fleet.check_drift()
    found = fleet.triage().filter(pl.col("cause") != "never evaluated")

    assert found.select("model", "cause").rows() == [("m1", "drift"), ("m0", "stale")]
    row = found.row(1, named=True)
    assert (row["reason"], row["next_step"], row["drifted"]) == ("it is old", "argosy train", False)


def test_the_worst_cause_of_a_model_is_the_one_that_is_told(fleet, monkeypatch):
    fleet.check_drift()
    cause(monkeypatch, "mild", [("m1", 1.0, "mild")])
    assert fleet.triage().filter(model="m1")["cause"].to_list() == ["drift"]

    cause(monkeypatch, "grave", [("m1", 99.0, "grave"), ("m1", 98.0, "less so")])
    assert fleet.triage()["reason"][0] == "grave"


def test_riskier_tiers_come_first(fleet, monkeypatch):
    """Tier 1 counts in full, each step below it a tenth less; without a tier it is as tier 4."""
    fleet.register({"model": ["untiered"], "version": ["1"]})
    names = ["m0", "m1", "m2", "m3", "untiered"]
    cause(monkeypatch, "grave", [(name, 100.0, "it is old") for name in names])

    assert fleet.triage().select("model", "severity").rows() == [
        ("m0", 100.0), ("m1", 90.0), ("m2", 80.0), ("m3", 70.0), ("untiered", 70.0),
    ]  # fmt: skip


def test_what_a_champion_does_counts_in_full_and_what_a_candidate_does_less(fleet, monkeypatch):
    fleet.set_alias({"model": ["m0"], "version": ["1"]}, "champion")
    fleet.register({"model": ["m0"], "version": ["2"]})
    cause(monkeypatch, "grave", [("m0", 100.0, "it is old")])
    newest = fleet.triage().row(0, named=True)
    cause(monkeypatch, "grave", [("m0", 100.0, "it is old")], version=pl.lit("1"))
    champion = fleet.triage().row(0, named=True)

    assert (newest["version"], newest["severity"], newest["hurts"]) == ("2", 90.0, None)
    assert (champion["version"], champion["severity"]) == ("1", 100.0)
    assert champion["hurts"] == "it is champion"


def test_models_that_read_its_answers_are_counted_among_those_it_hurts(fleet, monkeypatch):
    readers = {"model": ["a", "b"], "version": ["1", "1"], "upstream": [["m0"], ["m0", "x"]]}
    fleet.register(readers)
    cause(monkeypatch, "grave", [("m0", 100.0, "it is old")], hurts=pl.lit("the shop"))

    assert fleet.triage()["hurts"][0] == "2 models read it; the shop"


def test_a_row_says_since_when_and_the_command_names_the_model(fleet, monkeypatch):
    since = datetime(2026, 3, 4, tzinfo=UTC)
    cause(monkeypatch, "grave", [("m0", 100.0, "old")], "argosy show MODEL", since=pl.lit(since))
    row = fleet.triage().row(0, named=True)

    assert (row["since"], row["next_step"]) == (since, "argosy show m0")

    cause(monkeypatch, "grave", [("m0", 100.0, "old")], next_step=pl.lit("ask Ada"))
    assert fleet.triage()["next_step"][0] == "ask Ada"


def test_a_cause_that_fails_is_told_of_and_the_others_are_asked(fleet, monkeypatch):
    def broken(_):
        raise RuntimeError("no such luck")

    monkeypatch.setitem(
        installed().causes, "broken", TriageCause("broken", "A test.", "none", broken)
    )
    cause(monkeypatch, "stale", [("m0", 10.0, "it is old")])

    with pytest.warns(match="triage is incomplete: the cause of triage 'broken' failed"):
        assert fleet.triage().filter(cause="stale")["model"].to_list() == ["m0"]


def test_retired_and_unknown_models_are_not_listed(fleet, monkeypatch):
    cause(monkeypatch, "stale", [("m0", 10.0, "old"), ("nobody", 10.0, "old")])
    fleet.retire({"model": ["m0"]})

    assert fleet.triage().filter(cause="stale").is_empty()
