"""The suite for checks notices each fault, by the test that names it."""

from functools import cache
from tempfile import mkdtemp

import polars as pl
import pyarrow as pa
import pytest

import argosy
from argosy.plugins import installed
from argosy.testing.checks import CheckSuite, moved
from argosy.types import Check

from .faults import failed


class OwnedSuite(CheckSuite):
    name = "odd"

    def well(self):
        yield owned(), moved([("a", "1", None)])

    def ill(self):
        yield owned(), moved([("a", "1", None), ("b", "1", None)]), {"b"}


@cache
def owned():
    """Return a fleet of a model with an owner, and one without."""
    fleet = argosy.open(mkdtemp() + "/fleet", create=True)
    fleet.register({"model": ["a", "b"], "version": ["1", "1"], "owner": ["bea", None]})
    return fleet


def finding(change):
    """Return a check that finds models without an owner, and changes what it found."""

    def look(fleet, models):
        known = fleet.models().filter(pl.col("owner").is_not_null()).select("model").collect()
        found = pl.DataFrame(models).join(known, on="model", how="anti")
        return change(found.select("model", reason=pl.lit("no owner"))).to_arrow()

    return look


def tagging_all(fleet, models):
    if getattr(fleet, "url", "") == owned().url:
        fleet.tag({"model": ["a"]}, {"looked": str(fleet.seq)})
    return finding(lambda found: found)(fleet, models)


@pytest.mark.parametrize(
    ("look", "noticed"),
    [
        (finding(lambda found: found.clear()), "models_that_are_ill_are_found"),
        (
            lambda fleet, models: models.select(["model"]).append_column(
                "reason", [["no"] * models.num_rows]
            ),
            "models_that_are_well_pass",
        ),
        (finding(lambda found: found.drop("reason")), "every_fleet_gets_an_answer"),
        (finding(lambda found: found.with_columns(reason=pl.lit(" "))), "every_fleet_gets"),
        (finding(lambda found: found.with_columns(model=pl.lit("other"))), "every_fleet_gets"),
        (
            lambda fleet, models: pa.table({"model": ["a"], "reason": ["always"]}),
            "of_no_models_none_is_ill",
        ),
        (tagging_all, "looking_changes_nothing"),
    ],
)
def test_a_faulty_check_is_noticed(look, noticed, tmp_path, monkeypatch):
    monkeypatch.setitem(installed().checks, "odd", Check("odd", "A summary.", look))

    assert failed(OwnedSuite, tmp_path, noticed)


def test_a_sound_check_passes(tmp_path, monkeypatch):
    sound = Check("odd", "A summary.", finding(lambda found: found))
    monkeypatch.setitem(installed().checks, "odd", sound)

    assert failed(OwnedSuite, tmp_path) == set()
