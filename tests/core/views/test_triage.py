"""Triage lists what any cause finds, ours as a plugin's: the worst cause of a model, once."""

import polars as pl
import pytest

from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy.types import TriageCause


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, models=4, drifting={"m1"})


def cause(monkeypatch, name, rows, step="look at it"):
    """Offer a cause that finds these models."""

    def find(view):
        assert not hasattr(view, "set_alias")
        schema = {"model": pl.String, "severity": pl.Float64, "reason": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row").to_arrow()

    monkeypatch.setitem(installed().causes, name, TriageCause(name, "A test.", step, find))


def test_the_causes_that_come_with_argosy_are_offered_as_anybodys_are():
    assert {"concept drift", "drift", "drift unknown", "missing input", "evaluation failed"} <= set(
        installed().causes
    )


def test_a_cause_of_a_plugin_is_listed_with_its_next_step(fleet, monkeypatch):
    cause(monkeypatch, "stale", [("m0", 10.0, "it is old")], "argosy train")
    fleet.check_drift()
    found = fleet.triage()

    assert found.select("model", "cause").rows() == [("m1", "drift"), ("m0", "stale")]
    row = found.row(1, named=True)
    assert (row["reason"], row["next_step"], row["drifted"]) == ("it is old", "argosy train", False)


def test_the_worst_cause_of_a_model_is_the_one_that_is_told(fleet, monkeypatch):
    fleet.check_drift()
    cause(monkeypatch, "mild", [("m1", 1.0, "mild")])
    assert fleet.triage()["cause"].to_list() == ["drift"]

    cause(monkeypatch, "grave", [("m1", 99.0, "grave"), ("m1", 98.0, "less so")])
    assert fleet.triage()["reason"].to_list() == ["grave"]


def test_riskier_tiers_come_first(fleet, monkeypatch):
    """Three more for each step of tier above 4; a model without a tier is not urgent."""
    cause(monkeypatch, "stale", [(f"m{number}", 10.0, "it is old") for number in range(4)])

    assert fleet.triage().select("model", "severity").rows() == [
        ("m0", 19.0), ("m1", 16.0), ("m2", 13.0), ("m3", 10.0),
    ]  # fmt: skip


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
