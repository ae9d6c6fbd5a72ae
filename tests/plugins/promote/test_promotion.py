"""Promotions in waves: each step is a change, and what cannot be promoted is refused before."""

import polars as pl
import pytest

from argosy.errors import BadInput, PolicyRefused, ReadOnly, RowsRefused, UnknownName
from argosy.plugins import installed
from argosy.tables import FINDINGS, NOTICES
from argosy.types import Listener

from .waves import MODELS, STEPS, champions, counted, fleet_of, ill, none_ill


def test_each_step_is_a_change_that_names_the_promotion(fleet, everything):
    before = fleet.seq
    seen = []

    def look(reading, moved):
        seen.append(moved.num_rows)
        assert not hasattr(reading, "set_alias"), "a check reads"
        return FINDINGS.empty_table()

    outcomes = fleet.promote(everything, steps=STEPS, checks=[look], reason="night 7", name="n7")

    assert [4, 20, 40] == seen
    assert {"promoted": MODELS} == counted(outcomes)
    assert {"2"} == set(champions(fleet).values())
    assert ["1"] * (MODELS - 1) + [None] == outcomes.sort("model")["previous"].to_list()
    told = fleet.events().filter(pl.col("seq") > before, kind="promotion").collect()
    assert [
        "promotion n7, step 1 of 3 (10 %): night 7",
        "promotion n7, step 2 of 3 (50 %): night 7",
        "promotion n7, step 3 of 3 (100 %): night 7",
        "promotion n7, finished: night 7",
    ] == told["reason"].to_list()
    assert ["set_alias"] * 3 + ["promote"] == told["op"].to_list()


def test_the_table_of_promotions_says_how_each_ended(fleet, everything):
    fleet.promote(everything, steps=STEPS, name="good", checks="none")
    fleet.register({"model": ["m0000"], "version": ["3"]})
    fleet.promote("model = 'm0000'", checks=[ill(1)], name="bad")

    found = fleet.sql("SELECT promotion, step, state, why FROM promotions").rows()

    why = "stopped at step 1 of 3 (1 %): 1 of 1 moved models are not well; m0000: it smells (look)"
    assert [("bad", 1, "reverted", why), ("good", 3, "finished", None)] == found


def test_a_table_names_versions_itself(fleet):
    table = pl.DataFrame({"model": ["m0001", "m0003"], "version": ["2", "1"]})

    outcomes = fleet.promote(table, "challenger", checks="none")

    assert [("m0001", "2"), ("m0003", "1")] == outcomes.select("model", "version").rows()
    with pytest.raises(BadInput, match="a table names the versions itself"):
        fleet.promote(table, of="challenger")


def test_the_versions_of_another_alias_are_promoted(fleet):
    fleet.set_alias({"model": ["m0001", "m0002"], "version": ["2", "1"]}, "challenger")

    outcomes = fleet.promote("true", of="challenger", checks="none")

    assert [("m0001", "2", "promoted"), ("m0002", "1", "unchanged")] == outcomes.sort(
        "model"
    ).select("model", "version", "outcome").rows()


def test_listeners_hear_of_each_step_and_of_the_end(fleet, everything, monkeypatch):
    heard = []

    def hear(event):
        heard.append((event.verb, event.models.num_rows))
        return NOTICES.empty_table()

    verbs = frozenset({"set_alias", "promote", "rollback"})
    monkeypatch.setitem(installed().listeners, "heard", Listener("heard", verbs, hear))

    fleet.promote(everything, steps=STEPS, checks="none")
    fleet.promote("true", "other", STEPS, [ill(1)])

    steps = [("set_alias", 4), ("set_alias", 16), ("set_alias", 20)]
    assert [*steps, ("promote", 40), ("set_alias", 4), ("rollback", 4)] == heard


def test_a_share_below_all_leaves_the_rest_where_it_is(fleet, everything):
    outcomes = fleet.promote(everything, steps=(0.25,), checks="none")

    assert {"promoted": 10, "not moved": 30} == counted(outcomes)
    assert 10 == list(champions(fleet).values()).count("2")


def test_what_stands_there_already_is_unchanged_and_nothing_is_written(fleet, everything):
    fleet.promote(everything, steps=STEPS, checks="none")
    before = fleet.seq

    outcomes = fleet.promote(everything, steps=STEPS, checks=[ill(1)])

    assert {"unchanged": MODELS} == counted(outcomes)
    assert before == fleet.seq


def test_a_dry_run_says_who_would_move_when(fleet, everything):
    before = fleet.seq

    planned = fleet.promote(everything, steps=STEPS, dry_run=True, checks="none")

    assert before == fleet.seq
    done = fleet.promote(everything, steps=STEPS, checks="none")
    assert planned.select("model", "step", "previous").equals(
        done.select("model", "step", "previous")
    )
    assert {"planned": MODELS} == counted(planned)


def test_four_thousand_models_move_in_four_changes(tmp_path):
    fleet = fleet_of(tmp_path, 4000)
    before = fleet.seq

    outcomes = fleet.promote(fleet.where("true"), checks=[none_ill])

    assert 4000 == counted(outcomes)["promoted"]
    assert before + 4 == fleet.seq
    assert [40, 360, 3600] == outcomes["step"].value_counts().sort("step")["count"].to_list()


def test_what_cannot_be_promoted_is_refused_before_the_first_step(fleet):
    before = fleet.seq
    table = pl.DataFrame({"model": [f"m{n:04d}" for n in range(MODELS)], "version": "2"})
    lost = table.with_columns(
        version=pl.when(pl.col("model") == "m0007").then(pl.lit("9")).otherwise("version")
    )

    with pytest.raises(RowsRefused, match="no version '9' of the model 'm0007'"):
        fleet.promote(lost, checks="none")
    with pytest.raises(UnknownName, match="no check is called 'evalution'; did you mean"):
        fleet.promote(table, checks=["evalution"])
    with pytest.raises(BadInput, match="3 is no check"):
        fleet.promote(table, checks=[3])
    with pytest.raises(BadInput, match="name 'a/b'"):
        fleet.promote(table, name="a/b")
    with pytest.raises(UnknownName, match="no alias is called 'chalenger'"):
        fleet.promote("true", of="chalenger")
    with pytest.raises(ReadOnly):
        fleet.as_of(before).promote(table)
    assert before == fleet.seq


def test_a_policy_about_aliases_holds_for_a_promotion_before_its_first_step(fleet):
    fleet.require({"policy": ["owner"]})
    fleet.set_owner(fleet.where("model != 'm0007'"), "bea")
    before = fleet.seq

    with pytest.raises(PolicyRefused, match="m0007: it has no owner"):
        fleet.promote("true", steps=STEPS, checks="none")
    assert before == fleet.seq


def test_the_checks_that_come_with_argosy_are_found_by_name():
    assert {"evaluation", "drift", "lists"} <= set(installed().checks)
