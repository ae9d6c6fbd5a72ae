"""The suite for gates notices each fault, by the test that names it."""

import polars as pl
import pytest

from argosy.plugins import installed
from argosy.tables import JUDGED
from argosy.testing.gates import GateSuite
from argosy.types import Gate

from .faults import failed


class HighSuite(GateSuite):
    name = "high"

    def passing(self):
        return {"a": {"holdout": 0.8}}

    def failing(self):
        return {"b": {"holdout": 0.6}}


def judging(change=lambda rows: rows):
    """Return a gate that asks for 0.7, and changes what it answers."""

    def judge(judged, measured, request):
        high = (pl.col("value") >= 0.7).fill_null(value=False)
        rows = pl.DataFrame(judged).with_columns(
            gate=pl.lit("high"),
            bound=pl.lit(0.7),
            passed=high,
            reason=pl.when(~high).then(pl.lit("too low")),
        )
        return change(rows.select(JUDGED.names)).to_arrow()

    return judge


OF_EACH = ("it_is", "versions", "what", "of_no", "order")


def faults(monkeypatch, judge, tmp_path):
    monkeypatch.setitem(installed().gates, "high", Gate("high", "A high value.", judge))
    found = set()
    for place, start in enumerate(OF_EACH):
        folder = tmp_path / str(place)
        folder.mkdir()
        found |= failed(HighSuite, folder, start)
    return found


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (lambda rows: rows.clear(), "versions_that_are_good_enough_pass"),
        (lambda rows: rows.with_columns(passed=True), "what_was_not_measured_is_not_passed"),
        (lambda rows: rows.with_columns(passed=True), "versions_that_are_not_are_barred"),
        (lambda rows: rows.with_columns(reason=pl.lit(" ")), "versions_that_are_not_are_barred"),
        (lambda rows: rows.with_columns(bound=float("nan")), "versions_that_are_good_enough_pass"),
        (lambda rows: rows.with_columns(model=pl.lit("z")), "versions_that_are_good_enough_pass"),
        (lambda rows: rows.with_columns(n=pl.len()), "order_and_neighbours_do_not_matter"),
        (lambda rows: rows.drop("bound"), "versions_that_are_good_enough_pass"),
    ],
)
def test_a_faulty_gate_is_noticed(change, noticed, tmp_path, monkeypatch):
    assert noticed in faults(monkeypatch, judging(change), tmp_path)


def test_a_sound_gate_is_not(tmp_path, monkeypatch):
    assert faults(monkeypatch, judging(), tmp_path) == set()
