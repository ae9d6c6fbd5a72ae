"""Drift from the command line: windows, incidents and pictures."""

import json

import pytest

from argosy.cli.main import run
from argosy.testing.fleets import logged_fleet


@pytest.fixture
def moved(tmp_path):
    return logged_fleet(tmp_path, models=12, drifting={"m1", "m2", "m7"})


def answer(capsys, fleet, *arguments, code=0):
    capsys.readouterr()
    assert run(["--fleet", fleet.url, *arguments]) == code
    return capsys.readouterr().out


def test_windows_and_segments_are_chosen_by_option(moved, capsys):
    arguments = ("drift", "--window", "100 rows", "--segment", "colour", "--json")
    told = json.loads(answer(capsys, moved, *arguments))
    rows = moved.drift().collect()

    assert told["drifted"] == 3
    assert rows["window"].drop_nulls().n_unique() == 2
    assert rows["segment_key"].unique().sort().to_list() == [None, "colour"]


def test_a_window_that_cannot_be_meant_is_refused(moved, capsys):
    assert run(["--fleet", moved.url, "drift", "--window", "soon"]) == 1
    assert "give a period such as '1d'" in capsys.readouterr().err


def test_incidents_are_listed_and_shown(moved, capsys):
    assert "no incident is open" in answer(capsys, moved, "incidents")
    assert "1 open incident: `argosy incidents` lists them" in answer(capsys, moved, "drift")
    listed = json.loads(answer(capsys, moved, "incidents", "--json"))
    one = json.loads(answer(capsys, moved, "incidents", listed[0]["incident"], "--json"))

    assert [row["cause"] for row in listed] == ["size"]
    assert {"m1", "m2", "m7"} <= set(one["models"])
    assert "feature" in answer(capsys, moved, "incidents")


def test_an_unknown_incident_lists_those_known(moved, capsys):
    moved.check_drift()
    known = moved.incidents().collect()["incident"].item()

    assert run(["--fleet", moved.url, "incidents", known[:-1] + "x"]) == 2
    assert f"did you mean '{known}'" in capsys.readouterr().err


def test_the_drift_of_a_model_is_a_picture(moved, capsys):
    moved.check_drift(window="50 rows")
    seen = answer(capsys, moved, "show", "m1", "--drift")
    told = json.loads(answer(capsys, moved, "show", "m1", "--drift", "--json"))
    size = next(row for row in told["course"] if row["column"] == "size")

    assert "█" in seen
    assert "incident  feature 'size'" in seen
    assert len(size["effects"]) == 4
    assert size["status"] == "drift"
    assert {row["column"] for row in told["distributions"]} == {"size"}


def test_a_model_that_was_never_checked_says_so(moved, capsys):
    assert "never checked" in answer(capsys, moved, "show", "m1", "--drift")
