"""The fleet as it stood, what changed, and undoing it."""

import time
from datetime import UTC, datetime

import pytest

import argosy
from argosy.errors import BadInput, ReadOnly, RowsRefused, UnknownName


def test_the_whole_fleet_is_seen_as_it_stood(fleet):
    first = fleet.evaluate()
    before = fleet.events().collect()["seq"].max()
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")
    fleet.register([{"model": "new", "version": "1"}])
    fleet.delete([{"model": "m1"}])
    fleet.check_drift()

    past = fleet.as_of(before)
    assert past.models().collect()["model"].to_list() == [f"m{number}" for number in range(6)]
    assert past.aliases().collect().is_empty()
    assert past.runs().collect()["run_id"].to_list() == [first.id]
    assert past.drift().collect().is_empty()
    assert past.evaluations().collect().height == first.results().height
    assert past.where("model = 'm1'").frame().height == 1
    assert past.sql("SELECT COUNT(*) AS n FROM models")["n"].item() == 6


def test_a_time_means_the_last_change_up_to_it(fleet):
    time.sleep(0.01)
    moment = datetime.now(UTC)
    time.sleep(0.01)
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")

    assert fleet.as_of(moment).aliases().collect().is_empty()
    assert fleet.as_of(moment.isoformat()).aliases().collect().is_empty()
    assert fleet.as_of(moment.date().isoformat()).aliases().collect().height == 3
    assert fleet.as_of("2020-01-01").models().collect().is_empty()


def test_the_beginning_is_empty(fleet):
    assert fleet.as_of(0).models().collect().is_empty()


@pytest.mark.parametrize("point", [999, -1, "yesterday", "2026-13-01"])
def test_a_point_that_is_none_is_refused(fleet, point):
    with pytest.raises(BadInput, match="there is no change|cannot read"):
        fleet.as_of(point)


def test_the_past_does_not_change(fleet):
    past = fleet.as_of(1)
    for change in (
        lambda: past.register({"model": ["x"], "version": ["1"]}),
        lambda: past.tag([{"model": "m1", "tags": {"a": "b"}}]),
        lambda: past.evaluate(),
        lambda: past.rollback(1),
        lambda: past.maintain(),
    ):
        with pytest.raises(ReadOnly, match="as it stood after change 1, which is read-only"):
            change()


def test_upkeep_does_not_touch_the_past(fleet):
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")
    fleet.clear_alias(fleet.where("team = 'risk'"), "champion")
    seq = fleet.events().collect()["seq"].max()
    before = fleet.as_of(seq - 1).aliases().collect()
    fleet.maintain(keep_hours=0, nobody_writes=True)

    assert argosy.open(fleet.url).as_of(seq - 1).aliases().collect().equals(before)


def test_events_tell_old_and_new(fleet):
    fleet.set_owner([{"model": "m1", "owner": "day"}])
    fleet.set_owner([{"model": "m1", "owner": "night"}], reason="shift")

    last = fleet.events().filter(op="set_owner").collect().row(-1, named=True)
    assert '"owner":"day"' in last["old"]
    assert '"owner":"night"' in last["new"]
    assert (last["actor"], last["reason"], last["rev"]) == ("tests", "shift", 3)


def test_a_wave_of_promotions_is_rolled_back_in_one_call(fleet):
    fleet.register([{"model": f"m{number}", "version": "2"} for number in range(6)])
    fleet.set_alias([{"model": f"m{number}", "version": "1"} for number in range(5)], "champion")
    fleet.set_alias(fleet.where("model LIKE 'm%'"), "champion")
    wave = fleet.events().collect()["seq"].max()
    outcomes = fleet.rollback(wave, reason="the wave was bad")

    champions = dict(fleet.aliases().select("model", "version").collect().rows())
    assert champions == {f"m{number}": "1" for number in range(5)}
    assert dict(outcomes["outcome"].value_counts().rows()) == {"put back": 5, "removed": 1}
    last = fleet.events().collect().row(-1, named=True)
    assert (last["op"], last["reason"]) == ("rollback", "the wave was bad")


def test_a_rollback_can_be_rolled_back(fleet):
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")
    seq = fleet.events().collect()["seq"].max()
    fleet.rollback(seq)
    fleet.rollback(seq + 1)

    assert fleet.aliases().collect().height == 3


def test_what_was_changed_again_is_not_rolled_back(fleet):
    fleet.set_alias(fleet.where("team = 'risk'"), "champion")
    seq = fleet.events().collect()["seq"].max()
    fleet.clear_alias([{"model": "m1"}], "champion")

    with pytest.raises(RowsRefused, match=f"was changed again by change {seq + 1}") as caught:
        fleet.rollback(seq)

    assert caught.value.outcomes["outcome"].to_list().count("refused") == 1
    assert fleet.aliases().collect().height == 2


def test_a_change_that_never_was_cannot_be_rolled_back(fleet):
    with pytest.raises(UnknownName, match="there is no change 99"):
        fleet.rollback(99)


def test_a_run_that_is_rolled_back_is_not_seen(fleet):
    fleet.check_drift()
    fleet.rollback(fleet.events().collect()["seq"].max())

    assert fleet.drift().collect().is_empty()
    assert set(fleet.triage()["cause"]) == {"never checked"}


def test_the_chain_holds_over_every_verb_and_after_upkeep(fleet):
    fleet.evaluate()
    fleet.tag([{"model": "m1", "tags": {"note": 'quotes " and \n lines — ünïcode'}}])
    fleet.delete([{"model": "m2"}])
    fleet.maintain()
    fleet.restore([{"model": "m2"}])
    found = argosy.open(fleet.url).verify()

    assert found.broken_at is None
    assert found.changes == fleet.events().collect()["seq"].max()


def test_a_head_noted_down_must_still_be_there(fleet):
    head = fleet.verify().head
    fleet.tag([{"model": "m1", "tags": {"a": "b"}}])

    assert fleet.verify(head).broken_at is None
    assert fleet.verify("1:" + "0" * 64).broken_at == 1
    assert fleet.verify("99:" + "0" * 64).broken_at == 4
    with pytest.raises(BadInput, match="no head"):
        fleet.verify("nonsense")


def test_threads_are_committed_as_a_group_and_each_change_is_its_own(empty):
    from concurrent.futures import ThreadPoolExecutor

    def add(number):
        return empty.register(
            {"model": [f"m{number}"], "version": ["1"]}, reason=f"reason {number}"
        )

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(add, range(40)))

    events = empty.events().filter(kind="version").collect()
    assert {frame["outcome"].item() for frame in outcomes} == {"registered"}
    assert sorted(events["seq"]) == list(range(1, 41))
    assert dict(events.select("model", "reason").rows()) == {
        f"m{number}": f"reason {number}" for number in range(40)
    }
    assert empty.verify().broken_at is None


def test_one_refused_caller_of_a_group_does_not_stop_the_others(empty):
    from concurrent.futures import ThreadPoolExecutor

    def add(number):
        try:
            empty.register({"model": [f"m{number % 4}"], "version": ["1"]})
        except BadInput:
            return "refused"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(add, range(16)))

    assert (told.count("done"), told.count("refused")) == (4, 12)
    assert empty.models().collect().height == 4
