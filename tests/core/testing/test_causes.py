"""The suite for causes of triage notices each fault, by the test that names it."""

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.plugins import installed
from argosy.testing.causes import CauseSuite
from argosy.types import TriageCause

from .faults import failed


def fleet_of(folder, owners):
    fleet = argosy.open(str(folder / "fleet"), create=True)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"], "owner": owners})
    return fleet


class OwnedSuite(CauseSuite):
    name = "unowned"

    def well(self, folder):
        return fleet_of(folder, ["bea", "bo"])

    def ill(self, folder):
        return fleet_of(folder, ["bea", None]), {"b"}


def finding(change=lambda rows: rows):
    """Return a cause that finds models without an owner, and changes what it answers."""

    def find(fleet):
        models = fleet.models().filter(pl.col("owner").is_null()).select("model").collect()
        return change(
            models.with_columns(severity=pl.lit(50.0), reason=pl.lit("no owner"))
        ).to_arrow()

    return find


def faults(monkeypatch, find, tmp_path, **of):
    told = {"summary": "Nobody owns it.", "next_step": "`argosy owner`", **of}
    cause = TriageCause("unowned", find=find, **told)
    monkeypatch.setitem(installed().causes, "unowned", cause)
    return failed(OwnedSuite, tmp_path)


@pytest.mark.filterwarnings("ignore::argosy.errors.ArgosyWarning")
@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (lambda rows: rows.clear(), "models_that_are_ill_are_listed_by_triage"),
        (lambda rows: rows.with_columns(severity=101.0), "every_fleet_gets_an_answer"),
        (lambda rows: rows.with_columns(severity=0.0), "models_that_are_ill_are_listed_by_triage"),
        (lambda rows: rows.with_columns(reason=pl.lit("")), "every_fleet_gets_an_answer"),
        (lambda rows: rows.with_columns(model=pl.lit("z")), "every_fleet_gets_an_answer"),
        (lambda rows: rows.drop("severity"), "every_fleet_gets_an_answer"),
        (
            lambda rows: rows.with_columns(
                reason=pl.lit(str(np.random.default_rng().random()))
            ),
            "looking_changes_nothing_and_is_repeatable",
        ),
        (
            lambda rows: rows.with_columns(
                since=pl.lit("2999-01-01").str.to_datetime(time_zone="UTC", time_unit="us")
            ),
            "every_fleet_gets_an_answer",
        ),
    ],
)  # fmt: skip
def test_a_faulty_cause_is_noticed(change, noticed, tmp_path, monkeypatch):
    assert noticed in faults(monkeypatch, finding(change), tmp_path)


def test_a_cause_that_finds_everybody_is_noticed(tmp_path, monkeypatch):
    def find(fleet):
        rows = fleet.models().select("model").collect()
        return rows.with_columns(severity=pl.lit(5.0), reason=pl.lit("so it is")).to_arrow()

    assert "models_that_are_well_are_left_out" in faults(monkeypatch, find, tmp_path)


def test_a_cause_that_says_nothing_to_do_is_noticed(tmp_path, monkeypatch):
    assert "it_is_described" in faults(monkeypatch, finding(), tmp_path, next_step=" ")


def test_a_sound_cause_is_not(tmp_path, monkeypatch):
    assert faults(monkeypatch, finding(), tmp_path) == set()
