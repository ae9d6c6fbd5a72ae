"""A promotion that was killed is carried on from what the ledger shows."""

import signal
import subprocess
import sys

import pytest

import argosy
from argosy.errors import BadInput
from argosy.tables import FINDINGS
from argosy_promote import promotion

from .waves import MODELS, STEPS, champions, counted, ill, none_ill


def asking():
    """Return a check that finds nothing, and remembers what it was asked."""

    def look(fleet, moved):
        look.asked.append(moved.num_rows)
        return FINDINGS.empty_table()

    look.asked = []
    return look


@pytest.fixture
def die_before(monkeypatch):
    """Let the driver go down, once, when models are to be looked after the n-th time."""

    def put(times):
        usual, asked = promotion.examined, []

        def dying(*args):
            asked.append(args)
            if len(asked) == times:
                monkeypatch.setattr(promotion, "examined", usual)
                raise KeyboardInterrupt
            return usual(*args)

        monkeypatch.setattr(promotion, "examined", dying)

    return put


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_promotion_that_was_killed_goes_on_from_what_the_ledger_shows(
    fleet, everything, die_before, after
):
    die_before(after)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(everything, steps=STEPS, checks="none")
    reached = (4, 20, 40)[after - 1]
    assert reached == list(champions(fleet).values()).count("2")
    again, changes = asking(), fleet.seq

    outcomes = argosy.open(fleet.url).promote("true", steps=STEPS, checks=[again])

    assert [4, 20, 40][after - 1 :] == again.asked
    assert {"promoted": MODELS} == counted(outcomes)
    assert ["1"] * (MODELS - 1) + [None] == outcomes.sort("model")["previous"].to_list()
    assert changes + 4 - after == fleet.seq, "no step is made twice"


def test_a_process_that_is_killed_between_steps_leaves_no_half_step(fleet):
    """With a signal that no one can catch."""
    script = """
import os, signal, sys
import argosy
def look(fleet, moved):
    if moved.num_rows > 4:
        os.kill(os.getpid(), signal.SIGKILL)
    from argosy.tables import FINDINGS
    return FINDINGS.empty_table()
argosy.open(sys.argv[1]).promote("true", steps=(0.1, 0.5, 1.0), checks=[look])
"""
    done = subprocess.run([sys.executable, "-c", script, fleet.url], check=False)
    assert -signal.SIGKILL == done.returncode
    assert 20 == list(champions(fleet).values()).count("2")

    outcomes = fleet.promote("true", steps=STEPS, checks=[ill(2)])

    assert {"reverted": 20, "not moved": 20} == counted(outcomes)
    assert {"1"} == set(champions(fleet).values())


def test_a_killed_promotion_keeps_to_the_models_it_began_with(fleet, die_before):
    """By then its own selection would leave out those that it has moved."""
    chosen = "aliases.champion = '1'"
    die_before(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(chosen, steps=STEPS, checks="none")
    before = champions(fleet)

    outcomes = fleet.promote(chosen, steps=STEPS, checks=[ill(1)])

    assert MODELS - 1 == outcomes.height
    assert 20 == list(before.values()).count("2")
    assert {"1"} == set(champions(fleet).values())


def test_a_revert_that_was_killed_is_made_up_for(fleet, everything, monkeypatch):
    usual = type(fleet.ledger).apply

    def torn(ledger, op, *args, **kwargs):
        if op == "rollback":
            raise KeyboardInterrupt
        return usual(ledger, op, *args, **kwargs)

    monkeypatch.setattr(type(fleet.ledger), "apply", torn)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(everything, steps=STEPS, checks=[ill(1)])
    monkeypatch.undo()
    assert 4 == list(champions(fleet).values()).count("2")

    fleet.promote(everything, steps=STEPS, checks=[ill(1)])

    assert {"1"} == set(champions(fleet).values())


def test_one_that_was_reverted_can_be_tried_again(fleet, everything):
    fleet.promote(everything, steps=STEPS, checks=[ill(3)])

    outcomes = fleet.promote(everything, steps=STEPS, checks=[none_ill])

    assert {"promoted": MODELS} == counted(outcomes)
    assert ["1"] * (MODELS - 1) + [None] == outcomes.sort("model")["previous"].to_list()
    assert ["finished", "reverted"] == fleet.promotions().collect()["state"].to_list()


def test_steps_can_be_rolled_back_one_by_one(fleet, everything):
    """The end of the promotion, and its steps in any order."""
    before, start = champions(fleet), fleet.seq
    fleet.promote(everything, steps=STEPS, checks="none")

    for change in (start + 1, start + 4, start + 3, start + 2):
        fleet.rollback(change)

    assert before == champions(fleet)
    assert fleet.promotions().collect().is_empty()


def test_a_step_that_was_rolled_back_is_made_again(fleet, everything, die_before):
    die_before(2)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote(everything, steps=STEPS, checks="none")
    fleet.rollback(fleet.seq)
    again = asking()

    outcomes = fleet.promote(everything, steps=STEPS, checks=[again])

    assert [4, 20, 40] == again.asked
    assert {"promoted": MODELS} == counted(outcomes)


def test_under_one_name_only_one_promotion_is_under_way(fleet, die_before):
    die_before(1)
    with pytest.raises(KeyboardInterrupt):
        fleet.promote({"model": ["m0000"], "version": ["2"]}, name="night", checks="none")

    with pytest.raises(BadInput, match="'night' is under way with another alias, other steps"):
        fleet.promote({"model": ["m0001"], "version": ["2"]}, name="night")
    with pytest.raises(BadInput, match="under way"):
        fleet.promote({"model": ["m0000"], "version": ["2"]}, "other", name="night")


def test_two_drivers_of_one_promotion_do_not_both_go_on(fleet, everything):
    def overtaken(reading, moved):
        argosy.open(fleet.url).promote("true", steps=STEPS, checks=[none_ill])
        return FINDINGS.empty_table()

    with pytest.raises(BadInput, match="somebody else carries the promotion"):
        fleet.promote(everything, steps=STEPS, checks=[overtaken])
    assert {"2"} == set(champions(fleet).values())
