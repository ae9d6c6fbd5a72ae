"""Where no earlier run tells what a model takes, a small first part does."""

from dataclasses import replace

import polars as pl
import pyarrow as pa
import pytest

from argosy.jobs import chunking, pilot
from argosy.jobs.chunking import Costs, chunks
from argosy.jobs.pilot import learned, places, run_first, size
from argosy.jobs.tally import Tally
from argosy.plugins import installed
from argosy.testing.fleets import logged_fleet
from argosy.types import Finished

MODELS = 60
FIRST = 4
"""Two chunks of two models, on two cores."""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(pilot, "_MODELS", {True: 2, False: 2})
    monkeypatch.setattr(pilot, "_WORTH", 3)
    usual = installed().executors["local"]
    monkeypatch.setitem(installed().executors, "local", replace(usual, cores=lambda: 2))


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, MODELS, rows=60, drifting={"m2", "m5"})


@pytest.fixture
def performed(monkeypatch):
    """Note the chunks that are performed: where they begin, and how many models they have."""
    usual = installed().executors["local"]
    seen = {}

    def run(asked, perform):
        for finished in usual.run(asked, perform):
            if finished is not None:
                [chunk] = [chunk for chunk in asked if chunk.id == finished.chunk]
                seen[chunk.id] = chunk.models.num_rows
            yield finished

    monkeypatch.setitem(installed().executors, "local", replace(usual, run=run))
    return seen


def test_the_rest_is_cut_by_what_the_first_models_took(fleet, performed, monkeypatch):
    """Models that take long are cut smaller than the guess, and light ones larger."""
    monkeypatch.setattr(pilot, "learned", lambda tallies, first: _after(tallies, first, 2.5))
    run = fleet.evaluate(metrics=["auc"])

    assert run.summary["ok"] == MODELS
    assert {place: performed[place] for place in ("0", "2")} == {"0": 2, "2": 2}
    assert sum(performed.values()) == MODELS
    assert {many for place, many in performed.items() if int(place) >= FIRST} == {4}


def _after(tallies, first, seconds):
    return replace(known, seconds=seconds) if (known := learned(tallies, first)) else None


def test_light_models_are_cut_larger_than_the_guess(fleet, performed, monkeypatch):
    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 3, False: 3})
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 1, False: 1})
    monkeypatch.setattr(pilot, "learned", lambda tallies, first: _after(tallies, first, 0.01))
    fleet.evaluate(metrics=["auc"])

    assert {many for place, many in performed.items() if int(place) >= FIRST} == {MODELS - FIRST}


def test_the_second_run_has_no_pilot(fleet, performed):
    fleet.evaluate(metrics=["auc"])
    performed.clear()
    fleet.evaluate(metrics=["auc"])

    assert "2" not in performed


def test_results_are_those_of_a_run_without_a_pilot(fleet, tmp_path, monkeypatch):
    found = fleet.check_drift().results().sort("model", "column", "detector")
    monkeypatch.setattr(pilot, "_WORTH", 1000)
    other = logged_fleet(tmp_path / "other", MODELS, rows=60, drifting={"m2", "m5"})
    whole = other.check_drift().results().sort("model", "column", "detector")
    differ = ("run_id", "at", "reference_id")

    assert found.drop(differ).equals(whole.drop(differ), null_equal=True)


@pytest.mark.parametrize("stop", [1, 2, 4])
def test_a_run_that_is_stopped_around_its_pilot_is_carried_on(fleet, monkeypatch, stop):
    usual = installed().executors["local"]

    def run(asked, perform):
        for done, finished in enumerate(one for one in usual.run(asked, perform) if one):
            if done == stop:
                monkeypatch.setitem(installed().executors, "local", usual)
                raise KeyboardInterrupt
            yield finished

    monkeypatch.setattr(chunking, "_UNKNOWN_MOST", {True: 3, False: 3})
    monkeypatch.setattr(chunking, "_UNKNOWN_LEAST", {True: 1, False: 1})
    monkeypatch.setattr(chunking, "TARGET_SECONDS", 0.0001)
    monkeypatch.setattr(chunking, "_LEAST_SECONDS", 0.0001)
    monkeypatch.setitem(installed().executors, "local", replace(usual, run=run))
    with pytest.raises(KeyboardInterrupt):
        fleet.evaluate(metrics=["auc"])
    [run_id] = fleet.unfinished()["run_id"]
    run = fleet.resume(run_id)

    assert run.summary["ok"] == MODELS
    assert run.results()["model"].is_unique().all()


# Without a fleet


UNITS = pl.DataFrame({"model": [str(number) for number in range(40)]})


def planned(first, costs):
    return chunks(UNITS, places(UNITS, first, costs, 2, False), {}, False, costs, 60)


def played(answer, tallies):
    """Run forty models, a pilot of four among them; return what was planned in the end."""

    def run(asked, perform):
        place = 0
        while place < len(asked):
            chunk = asked[place]
            place += 1
            yield answer(chunk)

    executor = replace(installed().executors["local"], run=run)
    again = []

    def anew(costs):
        again.append(costs)
        return planned(FIRST, costs)

    ended = []
    work = (executor, planned(FIRST, Costs()), lambda _: {}, lambda: None)
    for chunk, finished in run_first(*work, FIRST, tallies, anew):
        ended += chunk.models["model"].to_pylist()
        if finished.tables is not None:
            tallies.append(Tally(chunk.models.num_rows, seconds=1.0, read=10))
    return ended, again


def test_every_model_ends_once_and_the_rest_is_planned_once():
    """By half of the pilot: the slower half is still at work then."""
    ended, again = played(lambda chunk: Finished(chunk.id, tables={}), [])

    assert sorted(ended, key=int) == UNITS["model"].to_list()
    assert again == [Costs(seconds=0.5, read=5.0)]


def test_a_pilot_of_which_nothing_is_left_teaches_nothing():
    def answer(chunk):
        if int(chunk.id.split(".")[0]) < FIRST:
            return Finished(chunk.id, error="lost")
        return Finished(chunk.id, tables={"rows": pa.table({"a": [1]})})

    ended, again = played(answer, [])

    assert sorted(ended, key=int) == UNITS["model"].to_list()
    assert again == []


def test_a_pilot_is_only_run_where_it_is_worth_it():
    assert size(11, Costs(), 2, False) == 0
    assert size(12, Costs(), 2, False) == FIRST
    assert size(12, Costs(seconds=1.0), 2, False) == 0
    assert learned([Tally(1, seconds=1.0)], FIRST) is None
    assert learned([Tally(2)], FIRST) == Costs()
