"""Old detail goes on purpose: the ledger says so first, and nothing else is missing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import argosy
from argosy.errors import BadInput, StoreError
from argosy.store import retention, upkeep
from argosy.store.clock import Clock
from argosy.testing.fleets import logged_fleet
from argosy_cli.main import run as command

KEPT = ("verdicts", "evaluations", "incidents", "profiles", "fits")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Three nights, 500 and 450 days ago and now, and one model that was checked only at first."""
    fleet = logged_fleet(tmp_path, models=3, rows=100, drifting={"m1"})
    found = []
    for days, some in ((500, None), (450, "model != 'm0'"), (0, "model = 'm1'")):
        then = datetime.now(UTC) - timedelta(days=days)
        with monkeypatch.context() as patch:
            patch.setattr(Clock, "now", lambda *_, then=then: then)
            jobs = fleet.check_drift(some), fleet.estimate(some), fleet.evaluate(some)
        found.append({run.summary["kind"]: run for run in jobs})
    return fleet, found


def of(fleet, table):
    return set(getattr(fleet, table)().collect()["run_id"])


def rows(fleet, table):
    return fleet.facts.scan(table).collect()


def test_only_old_detail_goes_and_of_each_model_the_last_run_stays(runs):
    """The run of 500 days ago is m0's last one, that of 450 days ago is m2's."""
    fleet, (first, second, third) = runs
    before = {name: rows(fleet, name) for name in KEPT}
    fourth = fleet.check_drift(), fleet.estimate()
    assert fleet.maintain(keep_facts="460d")["runs_let_go"] == 2
    again = argosy.open(fleet.url)

    assert of(again, "drift") == {second["drift"].id, third["drift"].id, fourth[0].id}
    assert of(again, "estimates") == {second["estimate"].id, third["estimate"].id, fourth[1].id}
    assert first["evaluate"].results().height
    for name, old in before.items():
        mine = rows(again, name).filter(pl.col("run_id").is_in(old["run_id"].implode()))
        assert_frame_equal(mine, old, check_row_order=False)
    assert again.verify().intact


def test_the_last_run_of_any_model_stays_whatever_its_age(runs):
    fleet, _ = runs
    before = of(fleet, "drift")

    assert fleet.maintain(keep_facts="1d")["runs_let_go"] == 0
    assert of(fleet, "drift") == before


def test_an_event_says_what_went_and_cannot_be_undone(runs):
    fleet, (first, *_) = runs
    fleet.check_drift()
    night = fleet.in_group("night")
    night.maintain(keep_facts="400d")
    event = fleet.events().filter(op=retention.OP).collect()
    seq = event["seq"][0]

    assert first["drift"].id in set(event["run_id"])
    assert event["reason"][0] == "let go: distributions, drift older than 400 days"
    assert event["group"][0] is None
    with pytest.raises(BadInput, match=f"change {seq} let rows go for good"):
        fleet.rollback(seq)


def test_who_asks_for_rows_that_went_is_told_when_they_did(runs):
    fleet, (first, *_) = runs
    fleet.check_drift()
    fleet.maintain(keep_facts="400d")

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with pytest.raises(StoreError, match=f"rows of drift of run .* were let go on {today}"):
        first["drift"].results()


def test_the_fleet_as_it_stood_is_read_without_what_went_since(runs):
    fleet, (first, *_) = runs
    seq = fleet.seq
    fleet.check_drift()
    fleet.maintain(keep_facts="400d")
    then = argosy.open(fleet.url).as_of(seq)

    assert first["drift"].id not in of(then, "drift")
    assert then.verdicts().height == 3


def test_rows_of_several_runs_in_one_file_are_told_apart(runs):
    """Upkeep gathers small files, so that runs share one."""
    fleet, (first, second, _) = runs
    fleet.maintain()
    shared = len(list(Path(fleet.url, "drift").glob("*.parquet")))
    fleet.check_drift()
    kept = rows(fleet, "drift").filter(pl.col("run_id") != first["drift"].id)
    fleet.maintain(keep_facts="460d")

    assert shared >= 1
    assert_frame_equal(rows(fleet, "drift"), kept, check_row_order=False)
    assert second["drift"].results().height
    assert fleet.verify().intact


@pytest.mark.parametrize("gathered", [False, True])
def test_a_crash_after_the_event_is_finished_by_the_next_upkeep(runs, monkeypatch, gathered):
    fleet, (first, *_) = runs
    if gathered:
        fleet.maintain()
    fleet.check_drift()
    with monkeypatch.context() as patch:
        patch.setattr(upkeep, "finish", lambda *_: None)
        fleet.maintain(keep_facts="400d")
    again = argosy.open(fleet.url)
    half = again.verify().intact
    still = first["drift"].id in set(rows(again, "drift")["run_id"])
    again.maintain()

    assert still
    assert half
    assert first["drift"].id not in set(rows(again, "drift")["run_id"])
    assert again.verify().intact


def test_asking_again_lets_nothing_more_go(runs):
    fleet, _ = runs
    fleet.check_drift()
    fleet.maintain(keep_facts="400d")
    seq = fleet.seq

    assert fleet.maintain(keep_facts="400d")["runs_let_go"] == 0
    assert fleet.seq == seq


@pytest.mark.parametrize("period", ["", "long", "-3d", "0d", "3"])
def test_what_is_no_period_is_refused_before_anything_is_done(runs, period):
    fleet, _ = runs
    seq = fleet.seq

    with pytest.raises(BadInput, match="write a period such as 400d"):
        fleet.maintain(keep_facts=period)
    assert fleet.seq == seq


def test_the_command_line_lets_detail_go(runs, capsys):
    fleet, _ = runs
    fleet.check_drift()
    code = command(["--fleet", fleet.url, "maintain", "--keep-facts", "400d", "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["runs_let_go"] == 2
