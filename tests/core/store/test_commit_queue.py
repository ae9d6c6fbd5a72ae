"""Changes that wait together are decided together, and stay changes of their own."""

import threading
import time

import pytest

import argosy
from argosy.errors import ArgosyError, RowsRefused


@pytest.fixture
def fleet(tmp_path):
    fleet = argosy.open(str(tmp_path / "fleet"), create=True, actor="bea")
    names = [f"m{number}" for number in range(8)]
    fleet.register({"model": names * 2, "version": ["1"] * 8 + ["2"] * 8})
    return fleet


def together(fleet, calls):
    """Let all calls wait while somebody writes, so that one commit takes them."""
    ended = {}

    def make(number, call):
        try:
            ended[number] = call()
        except ArgosyError as error:
            ended[number] = error

    ledger = fleet.ledger
    threads = [threading.Thread(target=make, args=item) for item in enumerate(calls)]
    with ledger._turn:
        first = threading.Thread(target=lambda: fleet.tag({"model": ["m0"], "tags": [{"a": "1"}]}))
        first.start()
        while not ledger._writing:
            time.sleep(0.001)
        for thread in threads:
            thread.start()
        while len(ledger._waiting) < len(calls):
            time.sleep(0.001)
    for thread in (first, *threads):
        thread.join(30)
    return [ended[number] for number in range(len(calls))]


def move(fleet, model, version="1", **options):
    return lambda: fleet.set_alias([{"model": model, "version": version}], "champion", **options)


def test_alike_changes_share_a_commit_and_keep_their_own_number(fleet):
    before = fleet.events().collect()["seq"].max()
    answers = together(fleet, [move(fleet, f"m{n}", reason=f"no {n}") for n in range(5)])

    moved = fleet.events().filter(kind="alias").collect()
    assert [answer["model"].to_list() for answer in answers] == [[f"m{n}"] for n in range(5)]
    assert sorted(set(moved["seq"])) == list(range(before + 2, before + 7))
    assert set(moved.select("model", "reason").rows()) == {(f"m{n}", f"no {n}") for n in range(5)}
    assert fleet.verify().broken_at is None


def test_one_of_them_can_be_rolled_back_alone(fleet):
    together(fleet, [move(fleet, f"m{n}") for n in range(3)])
    seq = fleet.events().filter(kind="alias", model="m1").collect()["seq"][0]

    fleet.rollback(seq)

    assert sorted(fleet.aliases().collect()["model"]) == ["m0", "m2"]


def test_a_refused_one_does_not_refuse_its_neighbours(fleet):
    answers = together(fleet, [move(fleet, "m1"), move(fleet, "m2", "9"), move(fleet, "m3")])

    assert isinstance(answers[1], RowsRefused)
    assert sorted(fleet.aliases().collect()["model"]) == ["m1", "m3"]


def test_two_who_move_one_model_are_decided_one_after_the_other(fleet):
    answers = together(
        fleet,
        [move(fleet, "m1", "1", if_version=None), move(fleet, "m1", "2")],
    )

    assert sorted(answer["previous"].item() or "" for answer in answers) in (["", "1"], ["", "2"])
    assert fleet.aliases().collect().height == 1


def test_one_that_changes_nothing_gets_no_number(fleet):
    fleet.set_alias([{"model": "m1", "version": "1"}], "champion")
    answers = together(fleet, [move(fleet, "m1"), move(fleet, "m2")])

    assert [answer["outcome"].item() for answer in answers] == ["unchanged", "set"]
    assert fleet.events().filter(kind="alias").collect()["seq"].n_unique() == 2


def test_different_verbs_wait_together_too(fleet):
    answers = together(
        fleet,
        [
            move(fleet, "m1"),
            lambda: fleet.retire({"model": ["m2"]}),
            move(fleet, "m3"),
            lambda: fleet.clear_alias({"model": ["m4"]}, "champion"),
        ],
    )

    assert not [answer for answer in answers if isinstance(answer, ArgosyError)]
    assert sorted(fleet.aliases().collect()["model"]) == ["m1", "m3"]
    assert fleet.models().filter(retired=True).collect()["model"].to_list() == ["m2"]
