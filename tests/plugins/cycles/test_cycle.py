"""A cycle goes on where it stopped, and does nothing twice."""

from contextlib import contextmanager

import pytest

import argosy
from argosy.errors import BadInput
from argosy.testing.fleets import logged_fleet
from argosy.testing.interference import cut, stopping
from argosy_cycles.cycle import Did, Step, carry_out, finished, run_once


@pytest.fixture
def fleet(tmp_path):
    return logged_fleet(tmp_path, 4).in_group("night-1")


@contextmanager
def quiet(title):
    yield lambda done, total: None


def test_a_job_is_carried_out_once_per_group(fleet):
    first = run_once(fleet, "evaluate", metrics=["accuracy"])
    again = run_once(argosy.open(fleet.url).in_group("night-1"), "evaluate")
    other = run_once(fleet.in_group("night-2"), "evaluate")

    assert first.id == again.id != other.id
    assert first.summary == again.summary
    assert fleet.runs().collect().height == 2


def test_a_job_that_was_stopped_is_carried_on(fleet):
    with cut(1), stopping(after=2), pytest.raises(KeyboardInterrupt):
        run_once(fleet, "evaluate")
    [waiting] = fleet.unfinished()["run_id"]
    seen = []
    run = run_once(fleet, "evaluate", progress=lambda done, total: seen.append(done))

    assert run.id == waiting
    assert seen[0] >= 2
    assert run.summary["ok"] == 4


def test_what_waits_in_another_group_is_left_alone(fleet):
    with cut(1), stopping(after=2), pytest.raises(KeyboardInterrupt):
        run_once(fleet, "evaluate")

    run = run_once(fleet.in_group("night-2"), "evaluate")

    assert run.id not in fleet.unfinished()["run_id"].to_list()
    assert finished(fleet, "evaluate") is None


def test_a_fleet_without_a_group_is_refused(tmp_path):
    with pytest.raises(BadInput, match="in_group"):
        run_once(logged_fleet(tmp_path, 2), "evaluate")


def cycle(fleet, begun, dies_in=None):
    """Tag, evaluate, tag again; each says that it was begun."""

    def tagged(name):
        def work(done):
            begun.append(name)
            if name == dies_in:
                raise KeyboardInterrupt
            fleet.tag(fleet.where("true"), {name: "yes"})
            return Did(4, 4)

        return Step(name, work)

    def judged(done):
        begun.append("judge")
        told = run_once(fleet, "evaluate", progress=done).summary
        return Did(told["models"], told["ok"], told["failed"], "judged")

    steps = [tagged("open"), Step("judge", judged), tagged("close")]
    return carry_out(fleet, "one", steps, "evaluate", quiet)


def test_steps_are_taken_in_order_and_told(fleet):
    begun = []
    told = cycle(fleet, begun)

    assert begun == ["open", "judge", "close"]
    assert told.columns == ["group", "step", "models", "ok", "failed", "note", "seconds"]
    assert told["step"].to_list() == begun
    assert {*told["group"]} == {"night-1"}
    assert told.select("models", "ok", "failed", "note").rows()[1] == (4, 4, 0, "judged")


def test_a_cycle_that_died_goes_on_and_its_jobs_are_not_done_again(fleet):
    with pytest.raises(KeyboardInterrupt):
        cycle(fleet, [], dies_in="close")
    [run_id] = fleet.runs().collect()["run_id"]
    told = cycle(fleet, [])

    assert fleet.runs().collect()["run_id"].to_list() == [run_id]
    assert told["ok"].to_list() == [4, 4, 4]


def test_a_cycle_that_is_over_is_left_alone(fleet):
    told, begun = cycle(fleet, []), []
    again = cycle(argosy.open(fleet.url).in_group("night-1"), begun)

    assert begun == []
    assert again.equals(told)


def test_a_cycle_that_was_rolled_back_is_played_anew(fleet):
    cycle(fleet, [])
    fleet.rollback(group="night-1")
    begun = []
    cycle(fleet, begun)

    assert begun == ["open", "judge", "close"]


def test_a_name_that_is_no_file_is_refused(fleet):
    with pytest.raises(BadInput):
        carry_out(fleet, "../one", [], "evaluate", quiet)
