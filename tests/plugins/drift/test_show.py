"""Drift from the command line: windows, incidents and pictures."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run


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
    assert run(["--fleet", moved.url, "drift", "--window", "soon"]) == 2
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


def test_s2_15_show_lists_what_matters_first_with_its_window_and_segment(moved, capsys):
    moved.check_drift(window="100 rows", segments=["colour"])
    rows = json.loads(answer(capsys, moved, "show", "m1", "--json"))["drift"]
    places = ["drift", "failed", "watch", "ok", "insufficient"]
    order = [places.index(row["status"]) for row in rows]
    told = answer(capsys, moved, "show", "m1", "--limit", "5")

    assert rows[0]["status"] == "drift"
    assert rows[0]["column"] == "size"
    assert order == sorted(order)
    header = next(line for line in told.splitlines() if "detector" in line)
    assert "window" in header
    assert "segment" in header
    assert "--limit 0" in told


def test_s2_14_a_course_is_of_windows_and_has_a_bar_for_each(moved, capsys):
    moved.check_drift()
    moved.check_drift(window="50 rows")
    moved.check_drift(window="50 rows")
    told = json.loads(answer(capsys, moved, "show", "m1", "--drift", "--json"))
    size = next(row for row in told["course"] if row["column"] == "size")

    assert len(size["effects"]) == 4


def test_a_model_that_stopped_and_one_that_nobody_looked_at_are_told(tmp_path):
    models = ["a", "b"]
    fleet = argosy.open(str(tmp_path / "fleet"), create=True)
    fleet.register({"model": models, "version": ["1", "1"]})
    draws = np.random.default_rng(2)
    for role in ("reference", "current"):
        path = str(tmp_path / f"{role}.parquet")
        frames = [
            pl.DataFrame(
                {
                    "m": model,
                    "ts": [datetime(2026, 1, 1) + timedelta(hours=place) for place in range(960)],
                    "x": draws.normal(size=960),
                }
            )
            for model in models
        ]
        if role == "current":
            frames[1] = frames[1].filter(pl.col("ts") < datetime(2026, 1, 21))
        pl.concat(frames).write_parquet(path)
        fleet.bind([{"role": role, "url": path, "key": "m", "timestamp": "ts"}])
    fleet.check_drift(window="10d")
    row = fleet.troubles().filter(cause="no data since").row(0, named=True)

    assert row["model"] == "b"
    assert "no rows since the window" in row["reason"]
    later = datetime.now(UTC) + timedelta(days=32)
    stale = fleet.as_of(later).triage().filter(cause="drift stale")
    assert stale["model"].to_list() == ["a"]
    assert stale["reason"].item().startswith("no judgement of its drift since ")
    assert {"a", "b"} == set(fleet.as_of(later).troubles().filter(cause="drift stale")["model"])
